/** A publishes, B and C read (or B publishes too); the owner can revise the agreement, and the clock can be set forward. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Agreement, Member, Role } from '#agent/core/agreement.ts';
import { nextRevision } from '#agent/core/amendment.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import { StandingWatch } from '#agent/cycle/standing-watch.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { type Clock, systemClock } from '#agent/sys/clock.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { draft, makeParties, startMs } from '#test/trust/parties.ts';
import { SpaceNode, type SpaceNodeOptions } from './space-node.ts';

export interface ThreeOptions {
  /** To the terms of the agreement. */
  readonly changes?: object;
  /** The highest label of each. */
  readonly levels?: readonly string[];
  /** The rules of all. */
  readonly labels?: readonly LabelRule[];
  readonly twoPublish?: boolean;
}

export class ThreeMembers implements AsyncDisposable {
  /** Milliseconds that the clock of all three is ahead. */
  ahead = 0;
  readonly #owned = new AsyncDisposableStack();
  readonly #parties: Awaited<ReturnType<typeof makeThree>>;
  readonly #dirs: readonly string[];
  readonly #nodes = new Map<number, SpaceNode>();
  #agreement: Agreement;
  #labels: readonly LabelRule[] = [];

  private constructor(parties: ThreeMembers['parties'], agreement: Agreement, dirs: readonly string[]) {
    this.#parties = parties;
    this.#agreement = agreement;
    this.#dirs = dirs;
  }

  static async open(options: ThreeOptions = {}): Promise<ThreeMembers> {
    const parties = await makeThree();
    const [a, b, c] = parties;
    const { levels, labels = [], changes = {} } = options;
    const second: Role[] = options.twoPublish ? ['publish', 'subscribe'] : ['subscribe'];
    const plain = draft(
      [
        [a, 'publish', 'subscribe'],
        [b, ...second],
        [c, 'subscribe'],
      ],
      changes,
    );
    const members = plain.members.map((m, i) => ({ ...m, highestLabel: levels?.[i] ?? m.highestLabel }));
    const agreement = await signAgreement({ ...plain, members }, a);
    const dirs = [await temporaryDir(), await temporaryDir(), await temporaryDir()];
    const paths = dirs.map(({ path }) => path);
    const three = new ThreeMembers(parties, agreement, paths);
    for (const dir of dirs) three.#owned.use(dir);
    three.#labels = labels;
    for (const at of [0, 1, 2]) await three.start(at);
    return three;
  }

  get agreement(): Agreement {
    return this.#agreement;
  }

  get parties() {
    return this.#parties;
  }

  get a(): SpaceNode {
    return this.#at(0);
  }

  get b(): SpaceNode {
    return this.#at(1);
  }

  get c(): SpaceNode {
    return this.#at(2);
  }

  stateDir(at: number): string {
    return `${this.#dirs[at]}/state`;
  }

  /** In the folder of one that may not be running. */
  file(at: number, path: string): string {
    return `${this.#dirs[at]}/folder/${path}`;
  }

  #at(at: number): SpaceNode {
    const node = this.#nodes.get(at);
    if (!node) throw new Error('not running');
    return node;
  }

  /** A process: with the state that the one before left. */
  async start(at: number, more: Partial<SpaceNodeOptions> = {}): Promise<SpaceNode> {
    const me = this.#parties[at];
    const dir = this.#dirs[at];
    if (!me || !dir) throw new Error('no such member');
    const clock: Clock = { ...systemClock, now: () => startMs + this.ahead + Math.floor(performance.now()) };
    const sources = () => [...this.#nodes].flatMap(([other, node]) => (other === at ? [] : [node]));
    const labels = this.#labels;
    const common = {
      me,
      dir,
      agreement: this.#agreement,
      clock,
      sources,
      labels,
      secrets: 'in-state' as const,
    };
    const node = await SpaceNode.open({ ...common, ...more });
    this.#nodes.set(at, node);
    return node;
  }

  async stop(at: number): Promise<void> {
    await this.#at(at)[Symbol.asyncDispose]();
    this.#nodes.delete(at);
  }

  /** The next revision is accepted at `by`, and its watch sees it, as at the next refresh of a node. */
  async revise(change: (members: readonly Member[]) => readonly Member[], ...by: SpaceNode[]): Promise<void> {
    const next = { ...nextRevision(this.#agreement), members: change(this.#agreement.members) };
    this.#agreement = await signAgreement(next, this.#parties[0]);
    for (const node of by) await node.book.accept(this.#agreement);
  }

  /** As `Node.refresh`: returns the watch, to be asked again when time has passed. */
  watch(node: SpaceNode): StandingWatch {
    const { book, own } = node;
    const watch = new StandingWatch({ book, emit: () => undefined, changed: () => own.readersMoved() });
    watch.look([own.space]);
    return watch;
  }

  async put(path: string, text = path, at = this.a): Promise<void> {
    await mkdir(dirname(at.at(path)), { recursive: true });
    await writeFile(at.at(path), text);
  }

  async sync(...readers: SpaceNode[]): Promise<void> {
    await this.a.settle();
    for (const reader of readers) {
      await this.a.bring(reader);
      await reader.settle();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#nodes.values()) await node[Symbol.asyncDispose]();
    await this.#owned[Symbol.asyncDispose]();
  }
}

const makeThree = () => makeParties('H29.12', 'H29.13', 'H29.14');

/** The grants that are live in a node's own feed: epoch and how many readers. */
export async function liveGrants({ own }: SpaceNode): Promise<[epoch: number, readers: number][]> {
  const found: [number, number][] = [];
  for await (const segment of own.state.segments(own.origin, 1))
    for (const body of segment.bodies) {
      const record = body && decodeRecord(body);
      if (record?.type === 'grant') found.push([record.epoch, record.grants.length]);
    }
  return found;
}
