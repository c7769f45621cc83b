/** Under which label class every content was ever published, by whom; and what people decided to lower. */
import { openRecord } from '#agent/apply/open-record.ts';
import { type NodeId, type Origin, originKey } from '#agent/core/ids.ts';
import { sensitivities } from '#agent/core/label.ts';
import type { Node } from '#agent/cycle/node.ts';
import type { World } from './world.ts';
import type { Member } from './member.ts';

export const rankOf = (labelClass: string): number =>
  (sensitivities as readonly string[]).indexOf(labelClass.split('+')[0] ?? '');

interface Record {
  readonly sha: string;
  readonly path: string;
  readonly labelClass: string;
  readonly by: NodeId;
  readonly origin: string;
  readonly seq: number;
}

export interface Lowered extends Record {
  readonly was: Record;
}

interface Knowledge {
  readonly heard: ReadonlyMap<string, number>;
  /** What it is cleared for. */
  readonly most: number;
}

export class Classes {
  readonly #world: World;
  readonly #records: Record[] = [];
  /** By content: how many records there were when people decided, and the rank that they decided for. */
  readonly #decided = new Map<string, { readonly at: number; readonly rank: number }[]>();
  /** By member: how far it has read each feed, its own too, since its state was lost. */
  readonly #heard = new Map<Member, Map<string, number>>();
  readonly #read = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  decide(shas: readonly string[], rank: number): void {
    for (const sha of shas)
      this.#decided.set(sha, [...(this.#decided.get(sha) ?? []), { at: this.#records.length, rank }]);
  }

  /** Its feed goes on from where the image ends, beside what it had written after that. */
  async backToImage(member: Member): Promise<void> {
    const { state, origin: now } = member.running.node.space(this.#world.space);
    for (const { origin, seq } of await state.origins())
      if (origin.node === now.node) this.#read.set(originKey(origin), seq);
    await this.forgets(member);
  }

  /** It knows no more than what its state of now holds. */
  async forgets(member: Member): Promise<void> {
    const { state } = member.running.node.space(this.#world.space);
    const held = (await state.origins()).map(({ origin, seq }) => [originKey(origin), seq] as const);
    this.#heard.set(member, new Map(held));
  }

  /** Whether a content, or an item that it was published as, ever stood above a rank: then it may be withdrawn. */
  stoodAbove(sha: string, rank: number): boolean {
    const paths = new Set(this.#records.filter((record) => record.sha === sha).map(({ path }) => path));
    return this.#records.some(
      (record) => (record.sha === sha || paths.has(record.path)) && rankOf(record.labelClass) > rank,
    );
  }

  /** Takes down what a member has published since; returns what went down without a decision. */
  async look(member: Member): Promise<Lowered[]> {
    const { node } = member.running;
    const fresh = await this.#published(node);
    const heard = this.#heard.get(member) ?? new Map<string, number>();
    const most = this.#world.clearanceOf(member);
    const lowered = fresh.flatMap((record) => this.#loweredBy(record, { heard, most }));
    this.#records.push(...fresh);
    for (const { origin, seq } of await node.space(this.#world.space).state.origins()) {
      const key = originKey(origin);
      heard.set(key, Math.max(seq, heard.get(key) ?? 0));
    }
    this.#heard.set(member, heard);
    return lowered;
  }

  #loweredBy(record: Record, { heard, most }: Knowledge): Lowered[] {
    const rank = rankOf(record.labelClass);
    const was = this.#records.find(
      (before, i) =>
        before.sha === record.sha &&
        this.#knows(before, record.by, { most, heard }) &&
        this.#standing(before, i) > rank,
    );
    return was ? [{ ...record, was }] : [];
  }

  /** What is withheld from a member it cannot know the content of; of what it has published itself it does. */
  #knows({ by, origin, seq, labelClass }: Record, at: NodeId, { heard, most }: Knowledge): boolean {
    return (heard.get(origin) ?? 0) >= seq && (by === at || rankOf(labelClass) <= most);
  }

  /** What is left of its rank after the decisions that came later. */
  #standing({ sha, labelClass }: Record, i: number): number {
    const later = (this.#decided.get(sha) ?? []).filter(({ at }) => at > i);
    return Math.min(rankOf(labelClass), ...later.map(({ rank }) => rank));
  }

  async #published(node: Node): Promise<Record[]> {
    const { state, origin: now } = node.space(this.#world.space);
    const found: Record[] = [];
    for (const { origin } of await state.origins()) {
      if (origin.node !== now.node) continue;
      const from = (this.#read.get(originKey(origin)) ?? 0) + 1;
      for await (const segment of state.segments(origin, from))
        for (const [i, body] of segment.bodies.entries()) {
          const seq = segment.header.first + i;
          if (seq < from) continue;
          this.#read.set(originKey(origin), seq);
          const record = body && (await this.#open(node, origin, body));
          if (record) found.push({ ...record, by: origin.node, origin: originKey(origin), seq });
        }
    }
    return found;
  }

  async #open(node: Node, origin: Origin, body: Uint8Array) {
    const opened = await openRecord(body, (epoch) => node.keyring.keysFor(this.#world.space, origin, epoch));
    if (opened.outcome !== 'item' || opened.change.state.kind !== 'file') return undefined;
    const { labelClass, change } = opened;
    return { labelClass, path: change.path, sha: opened.change.state.sha256 };
  }
}
