/** A space in memory: nodes with a disk, rows and a feed, driven only by the pure functions of the core. */
import { conflictName } from '#agent/core/conflict-name.ts';
import { originKey } from '#agent/core/ids.ts';
import { type ItemState, type Row, sameContent, sameState } from '#agent/core/item.ts';
import { mergeRemote, type Published } from '#agent/core/merge.ts';
import { type Action, dueYield, type Planner, planItem } from '#agent/core/plan.ts';
import { settleAdopted, settleApplied, settlePublished } from '#agent/core/settle.ts';
import { gone, originOf } from './sample.ts';

interface Entry {
  readonly path: string;
  readonly record: Published;
}

const plannerOf = (node: number, life = 1): Planner => ({ ...originOf(node, life), publishes: true });

/** What must not get lost. */
const contentOf = (state: ItemState | undefined): string | undefined => {
  if (state?.kind === 'file') return `file ${state.sha256}`;
  return state?.kind === 'link' ? `link ${state.target}` : undefined;
};

/** All that a node has, as it was at one moment. */
interface Image {
  readonly disk: ReadonlyMap<string, ItemState>;
  readonly rows: ReadonlyMap<string, Row>;
  readonly cursors: ReadonlyMap<string, number>;
  readonly me: Planner;
}

export class ModelNode {
  readonly number: number;
  disk = new Map<string, ItemState>();
  rows = new Map<string, Row>();
  cursors = new Map<string, number>();
  me: Planner;
  /** Its own feed is longer than it knows: nobody takes what it writes there. */
  forgetful: 'no' | 'behind' | 'apart' = 'no';
  #life = 1;
  #image: Image | undefined;

  constructor(number: number) {
    this.number = number;
    this.me = plannerOf(number);
  }

  /** A new life: a feed of its own from now on, and without an index that nobody else has. */
  rebirth(): void {
    if (this.forgetful === 'apart') {
      this.rows.clear();
      this.cursors.clear();
    }
    this.#life += 1;
    this.me = plannerOf(this.number, this.#life);
    this.forgetful = 'no';
  }

  takeImage(published: number): void {
    if (this.forgetful !== 'no') return;
    const { disk, rows, me } = this;
    const cursors = new Map(this.cursors).set(originKey(me), published);
    this.#image = { disk: new Map(disk), rows: new Map(rows), cursors, me };
  }

  /** Back to the image; false when there is none. */
  restore(): boolean {
    if (!this.#image) return false;
    const { disk, rows, cursors, me } = this.#image;
    [this.disk, this.rows, this.cursors] = [new Map(disk), new Map(rows), new Map(cursors)];
    this.me = me;
    return true;
  }

  /** Whoever hears of more of its own feed goes on in a new life. */
  hear(): void {
    if (this.forgetful !== 'no') this.rebirth();
  }
}

export interface ModelOptions {
  readonly yields: boolean;
  /** False: as if a publisher forgot to merge its own records into the remote tree until something arrives. */
  readonly mergesOwn?: boolean;
}

export class Model {
  readonly nodes: readonly ModelNode[];
  readonly feeds = new Map<string, Entry[]>();
  readonly written = new Set<string>();
  /** Contents that a person overwrote or deleted while they were on the disk in front of them: only the test knows. */
  readonly overwritten = new Set<string>();
  /** Contents that their author has forgotten and only others hold. */
  readonly orphans = new Set<string>();
  conflicts = 0;
  readonly #options: ModelOptions;

  constructor(count: number, options: ModelOptions) {
    this.nodes = Array.from({ length: count }, (_, i) => new ModelNode(i + 1));
    this.#options = options;
  }

  node(index: number): ModelNode {
    const node = this.nodes[index % this.nodes.length];
    if (!node) throw new Error('no nodes');
    return node;
  }

  /** A person at `node` writes or deletes, seeing what is on the disk. */
  edit(node: ModelNode, path: string, state: ItemState): void {
    const before = node.disk.get(path);
    const old = contentOf(before);
    if (old !== undefined && !(before && sameContent(before, state))) this.overwritten.add(old);
    const content = contentOf(state);
    if (content !== undefined) this.written.add(content);
    if (state.kind === 'gone') node.disk.delete(path);
    else node.disk.set(path, state);
  }

  /** Brings the local tree up to date and publishes what the plan wants published. */
  scan(node: ModelNode): boolean {
    let changed = false;
    for (const path of new Set([...node.disk.keys(), ...node.rows.keys()])) {
      const row = node.rows.get(path) ?? {};
      const local = node.disk.get(path) ?? gone;
      if (!sameState(local, row.local?.state ?? gone))
        node.rows.set(path, { ...row, local: { state: local } });
      const action = planItem(node.rows.get(path) ?? {}, node.me);
      if (action.do !== 'publish') continue;
      this.#publish(node, path, action.state, action.version);
      changed = true;
    }
    return changed;
  }

  image(node: ModelNode): void {
    node.takeImage(this.feeds.get(originKey(node.me))?.length ?? 0);
  }

  /** What no other node has on its disk is lost with this one's; all else is not. */
  restore(node: ModelNode): void {
    const others = contentsOf(this.nodes.filter((n) => n !== node));
    if (!node.restore()) return;
    const kept = contentsOf([node]);
    for (const content of this.written) {
      if (kept.has(content)) continue;
      (others.has(content) ? this.orphans : this.overwritten).add(content);
    }
    const key = originKey(node.me);
    const known = node.cursors.get(key) ?? 0;
    node.forgetful = (this.feeds.get(key)?.length ?? 0) > known ? 'behind' : 'no';
  }

  #publish(node: ModelNode, path: string, state: Published['state'], version: Published['version']): void {
    const key = originKey(node.me);
    const feed = this.feeds.get(key) ?? [];
    const record = { state, version, author: node.me, epoch: 1, seq: feed.length + 1 };
    if (node.forgetful === 'no') this.feeds.set(key, [...feed, { path, record }]);
    else node.forgetful = 'apart';
    const row = node.rows.get(path) ?? {};
    if (this.#options.mergesOwn !== false || state.kind === 'yield') {
      node.rows.set(path, settlePublished(row, record));
    } else {
      node.rows.set(path, { ...row, agreed: { state, version, author: node.me } });
    }
  }

  /** Hands over up to `count` records of one feed; `compact` leaves out those that a later one of the feed replaces. */
  deliver(node: ModelNode, key: string, count: number, compact: boolean): boolean {
    node.hear();
    const feed = this.feeds.get(key) ?? [];
    const from = node.cursors.get(key) ?? 0;
    const to = Math.min(feed.length, from + count);
    if (key === originKey(node.me)) return false;
    for (let i = from; i < to; i++) {
      const entry = feed[i];
      if (!entry) continue;
      if (compact && feed.slice(i + 1).some((later) => later.path === entry.path)) continue;
      this.#ingest(node, entry);
    }
    node.cursors.set(key, to);
    return to > from;
  }

  /** Old records come again, as after a restart. */
  repeat(node: ModelNode, key: string): void {
    const upTo = node.cursors.get(key) ?? 0;
    for (const entry of (this.feeds.get(key) ?? []).slice(0, upTo)) this.#ingest(node, entry);
  }

  #ingest(node: ModelNode, { path, record }: Entry): void {
    const row = node.rows.get(path) ?? {};
    const remote = mergeRemote(row.remote, record, row.agreed);
    node.rows.set(path, remote ? { ...row, remote } : row);
  }

  /** Carries out the plan for every path, as the apply step does. */
  apply(node: ModelNode): boolean {
    let changed = false;
    for (const path of [...node.rows.keys()]) {
      const row = node.rows.get(path) ?? {};
      const onDisk = node.disk.get(path) ?? gone;
      // An edit that no scan has seen is never overwritten.
      if (!sameState(onDisk, row.local?.state ?? gone)) continue;
      changed = this.#act(node, path, row, planItem(row, node.me)) || changed;
    }
    return changed;
  }

  #act(node: ModelNode, path: string, row: Row, action: Action): boolean {
    if (action.do === 'nothing') return this.#withdraw(node, path, row);
    // Everybody in the model may read everything.
    if (action.do === 'publish' || action.do === 'stay' || action.do === 'withdraw') return false;
    if (action.do === 'adopt') {
      node.rows.set(path, settleAdopted(row, action));
      return true;
    }
    if (action.do === 'apply' && action.keep === 'conflict') this.#copy(node, path);
    this.#trash(row, action);
    if (action.do === 'delete') node.disk.delete(path);
    else node.disk.set(path, action.remote.state);
    node.rows.set(path, settleApplied(row, action, { state: action.remote.state }));
    return true;
  }

  /** A forgotten edit that loses to a third node's rests in the trash alone: nobody can know that it is forgotten. */
  #trash({ local, agreed }: Row, { remote }: Extract<Action, { do: 'apply' | 'delete' }>): void {
    const content = contentOf(local?.state);
    if (content === undefined || !agreed || !this.orphans.has(content)) return;
    if (agreed.author.node !== remote.author.node) this.overwritten.add(content);
  }

  #copy(node: ModelNode, path: string): void {
    const lost = node.disk.get(path);
    const name = conflictName(
      path,
      `H${node.number}`,
      new Date(0),
      (p) => node.disk.has(p) || node.rows.has(p),
    );
    if (lost) node.disk.set(name, lost);
    this.conflicts += 1;
  }

  #withdraw(node: ModelNode, path: string, row: Row): boolean {
    const version = this.#options.yields ? dueYield(row, node.me) : undefined;
    if (version === undefined) return false;
    this.#publish(node, path, { kind: 'yield' }, version);
    return true;
  }

  /** Everything reaches everybody and every plan is carried out, until nothing moves. */
  settle(): void {
    for (let round = 0; round < 60; round++) {
      let moved = false;
      for (const node of this.nodes) {
        moved = this.scan(node) || moved;
        for (const key of [...this.feeds.keys()]) moved = this.deliver(node, key, 1000, true) || moved;
        moved = this.apply(node) || moved;
      }
      if (!moved) return;
    }
    throw new Error('does not come to rest');
  }

  contents(): Set<string> {
    return contentsOf(this.nodes);
  }
}

function contentsOf(nodes: readonly ModelNode[]): Set<string> {
  const found = new Set<string>();
  for (const node of nodes) for (const s of node.disk.values()) found.add(contentOf(s) ?? '');
  return found;
}
