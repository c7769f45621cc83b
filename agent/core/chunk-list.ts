/**
 * The list of a large file's chunks, itself cut into chunks by content, level upon level: one changed byte changes
 * one chunk and one list of each level, never the whole list.
 */
import { createHash } from 'node:crypto';
import { decodeRefs, encodeRefs } from './chunk-refs.ts';
import { encode } from './codec.ts';
import { type ContentRules, variableRules } from './content-rules.ts';
import { DongboError } from './errors.ts';
import { type ChunkId, type Digest, parseDigest } from './ids.ts';
import type { ChunkRef, Content } from './item.ts';

export { decodeRefs, encodeRefs } from './chunk-refs.ts';

/** A piece of a list: sealed and sent like any chunk. */
export interface ListChunk {
  readonly id: ChunkId;
  readonly plain: Uint8Array;
  /** Of its refs; 0 where they name data. */
  readonly level: number;
}

/** Refs of one level that are not in a list yet. Lists start only when there are more refs than fit inline. */
interface Level {
  waiting: ChunkRef[];
  cutting: boolean;
}

/** Takes the data refs of a file in order; holds the refs of one list per level. */
export class ListBuilder {
  readonly #idOf: (plain: Uint8Array) => ChunkId;
  readonly #rules: ContentRules;
  readonly #levels: Level[] = [{ waiting: [], cutting: false }];

  constructor(idOf: (plain: Uint8Array) => ChunkId, rules = variableRules) {
    this.#idOf = idOf;
    this.#rules = rules;
  }

  /** Returns the lists that `ref` completed, those of lower levels first. */
  add(ref: ChunkRef): ListChunk[] {
    const lists: ListChunk[] = [];
    this.#push(0, ref, lists);
    return lists;
  }

  /** The content of the file, and the lists that were still open. */
  finish(): { content: Content; lists: ListChunk[] } {
    const lists: ListChunk[] = [];
    for (let n = 0; ; n++) {
      const level = this.#level(n);
      if (!level.cutting) return { content: { levels: n, refs: level.waiting }, lists };
      if (level.waiting.length > 0) this.#close(n, lists);
    }
  }

  #level(n: number): Level {
    this.#levels[n] ??= { waiting: [], cutting: false };
    return this.#levels[n];
  }

  #push(n: number, ref: ChunkRef, lists: ListChunk[]): void {
    const level = this.#level(n);
    level.waiting.push(ref);
    if (level.cutting) this.#closeIfEnded(n, lists);
    else if (level.waiting.length > this.#rules.inline) this.#startCutting(n, level, lists);
  }

  /** What was held back in the hope that it fits inline goes through the same cuts as what follows. */
  #startCutting(n: number, level: Level, lists: ListChunk[]): void {
    const held = level.waiting;
    level.waiting = [];
    level.cutting = true;
    for (const ref of held) {
      level.waiting.push(ref);
      this.#closeIfEnded(n, lists);
    }
  }

  #closeIfEnded(n: number, lists: ListChunk[]): void {
    if (this.#rules.endsList(this.#level(n).waiting)) this.#close(n, lists);
  }

  #close(n: number, lists: ListChunk[]): void {
    const plain = encodeRefs(this.#level(n).waiting.splice(0));
    const id = this.#idOf(plain);
    lists.push({ id, plain, level: n });
    this.#push(n + 1, { id, length: plain.length }, lists);
  }
}

type LoadList = (id: ChunkId) => Promise<Uint8Array>;

/**
 * The data refs of a content in order, loading one list per level at a time. `loadList` returns the list's plaintext.
 * Throws CODEC_MALFORMED for lists that break `rules`, before it loads more of them than `size`
 * bytes can need, and when the refs do not add up to `size`.
 */
export async function* walkContent(
  content: Content,
  loadList: LoadList,
  size: number,
  rules = variableRules,
): AsyncGenerator<ChunkRef> {
  const broken = rules.brokenLevels(content.levels, size, content.refs.length);
  if (broken !== undefined) throw malformed(broken);
  let sum = 0;
  for await (const ref of walk(content, { loadList, rules, size }, true)) {
    sum += ref.length;
    if (sum > size) throw malformed(`refs that add up to ${size}`);
    yield ref;
  }
  if (sum !== size) throw malformed(`refs that add up to ${size}`);
}

interface Walk {
  readonly loadList: LoadList;
  readonly rules: ContentRules;
  readonly size: number;
}

/** `last`: nothing of the same level comes after these refs. */
async function* walk({ levels, refs }: Content, how: Walk, last: boolean): AsyncGenerator<ChunkRef> {
  for (const [i, ref] of refs.entries()) {
    const isLast = last && i === refs.length - 1;
    const broken = how.rules.brokenRef(ref, levels, isLast, how.size);
    if (broken !== undefined) throw malformed(broken);
    if (levels === 0) {
      yield ref;
      continue;
    }
    const plain = await how.loadList(ref.id);
    if (plain.length !== ref.length) throw malformed('lists as long as their refs say');
    yield* walk({ levels: levels - 1, refs: decodeRefs(plain) }, how, isLast);
  }
}

/** SHA-256 over the canonical bytes of a content: names a stage file, so that two versions are never spliced. */
export function contentRoot(content: Content): Digest {
  const bytes = encode({ levels: content.levels, refs: encodeRefs(content.refs) });
  return parseDigest(createHash('sha256').update(bytes).digest('hex'));
}

const malformed = (rule: string): DongboError =>
  new DongboError('CODEC_MALFORMED', { what: 'list', field: 'refs', rule });
