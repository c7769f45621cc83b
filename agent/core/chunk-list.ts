/**
 * The list of a large file's chunks, itself cut into chunks by content, level upon level: one changed byte changes
 * one chunk and one list of each level, never the whole list.
 */
import { createHash } from 'node:crypto';
import { decodeRefs, encodeRefs } from './chunk-refs.ts';
import { encode } from './codec.ts';
import { brokenLevelsRule, brokenRefRule, maxInlineRefs, maxRefs, minRefs } from './content-rules.ts';
import { DongboError } from './errors.ts';
import { type ChunkId, type Digest, parseDigest } from './ids.ts';
import type { ChunkRef, Content } from './item.ts';

export { decodeRefs, encodeRefs } from './chunk-refs.ts';

/** A list ends after a ref whose id begins with a number below this: one in 48, so lists have 64 refs at the mean. */
const endsBelow = Math.floor(2 ** 32 / 48);

/** A piece of a list: sealed and sent like any chunk. */
export interface ListChunk {
  readonly id: ChunkId;
  readonly plain: Uint8Array;
}

const endsList = (ref: ChunkRef): boolean => Number.parseInt(ref.id.slice(0, 8), 16) < endsBelow;

/** Refs of one level that are not in a list yet. Lists start only when there are more refs than fit inline. */
interface Level {
  waiting: ChunkRef[];
  cutting: boolean;
}

/** Takes the data refs of a file in order; holds at most 256 refs per level. */
export class ListBuilder {
  readonly #idOf: (plain: Uint8Array) => ChunkId;
  readonly #levels: Level[] = [{ waiting: [], cutting: false }];

  constructor(idOf: (plain: Uint8Array) => ChunkId) {
    this.#idOf = idOf;
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
    else if (level.waiting.length > maxInlineRefs) this.#startCutting(n, level, lists);
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
    const { waiting } = this.#level(n);
    const last = waiting.at(-1);
    if (!last || waiting.length < minRefs) return;
    if (waiting.length === maxRefs || endsList(last)) this.#close(n, lists);
  }

  #close(n: number, lists: ListChunk[]): void {
    const plain = encodeRefs(this.#level(n).waiting.splice(0));
    const id = this.#idOf(plain);
    lists.push({ id, plain });
    this.#push(n + 1, { id, length: plain.length }, lists);
  }
}

type LoadList = (id: ChunkId) => Promise<Uint8Array>;

/**
 * The data refs of a content in order, loading one list per level at a time. `loadList` returns the list's plaintext.
 * Throws CODEC_MALFORMED for lists that break the rules (`content-rules.ts`), before it loads more of them than `size`
 * bytes can need, and when the refs do not add up to `size`.
 */
export async function* walkContent(
  content: Content,
  loadList: LoadList,
  size: number,
): AsyncGenerator<ChunkRef> {
  const broken = brokenLevelsRule(content.levels, size);
  if (broken !== undefined) throw malformed(broken);
  let sum = 0;
  for await (const ref of walk(content, loadList, true)) {
    sum += ref.length;
    if (sum > size) throw malformed(`refs that add up to ${size}`);
    yield ref;
  }
  if (sum !== size) throw malformed(`refs that add up to ${size}`);
}

/** `last`: nothing of the same level comes after these refs. */
async function* walk({ levels, refs }: Content, loadList: LoadList, last: boolean): AsyncGenerator<ChunkRef> {
  for (const [i, ref] of refs.entries()) {
    const isLast = last && i === refs.length - 1;
    const broken = brokenRefRule(ref, levels, isLast);
    if (broken !== undefined) throw malformed(broken);
    if (levels === 0) {
      yield ref;
      continue;
    }
    const plain = await loadList(ref.id);
    if (plain.length !== ref.length) throw malformed('lists as long as their refs say');
    yield* walk({ levels: levels - 1, refs: decodeRefs(plain) }, loadList, isLast);
  }
}

/** SHA-256 over the canonical bytes of a content: names a stage file, so that two versions are never spliced. */
export function contentRoot(content: Content): Digest {
  const bytes = encode({ levels: content.levels, refs: encodeRefs(content.refs) });
  return parseDigest(createHash('sha256').update(bytes).digest('hex'));
}

const malformed = (rule: string): DongboError =>
  new DongboError('CODEC_MALFORMED', { what: 'list', field: 'refs', rule });
