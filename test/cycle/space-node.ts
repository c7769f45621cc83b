/** An agent's space over a real folder, a real state and real keys. What travels is handed over by the test. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Agreement } from '#agent/core/agreement.ts';
import type { Details } from '#agent/core/errors.ts';
import type { AgentEvent } from '#agent/core/event.ts';
import type { ChunkId, NodeId } from '#agent/core/ids.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { AgentSpace } from '#agent/cycle/agent-space.ts';
import { openingsOnRecord } from '#agent/cycle/audit-epochs.ts';
import type { ChunkFetcher } from '#agent/cycle/fetch-chunks.ts';
import { LabelDesk, openLabelMemory } from '#agent/cycle/label-desk.ts';
import { NodeSpace } from '#agent/cycle/node-space.ts';
import { RotationTimetable } from '#agent/cycle/rotation-timetable.ts';
import { SecretGate } from '#agent/cycle/secret-gate.ts';
import { SpaceSecrets } from '#agent/cycle/space-secrets.ts';
import { TurnWatch } from '#agent/cycle/turn-watch.ts';
import { EventHub } from '#agent/exchange/event-hub.ts';
import { State } from '#agent/feed/state.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import type { CipherSlot } from '#agent/seal/cipher-slot.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { FolderStore } from '#agent/store/folder.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import type { FoundKind, Store } from '#agent/store/store.ts';
import { type Clock, systemClock } from '#agent/sys/clock.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { type Random, systemRandom } from '#agent/sys/random.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { startMs } from '#test/trust/parties.ts';

/** As the configuration has it by default. */
const rotationCron = '0 2 1 * *';

const ownClock: Clock = { ...systemClock, now: () => startMs + Math.floor(performance.now()) };

/** Of one process of one node: a test may move it on. */
function movable(base: Clock): Clock & { ahead: number } {
  const clock = {
    ahead: 0,
    now: (): number => base.now() + clock.ahead,
    monotonic: () => base.monotonic(),
    sleep: (ms: number, signal: AbortSignal) => base.sleep(ms, signal),
  };
  return clock;
}

export interface SpaceNodeOptions {
  readonly me: Identity;
  readonly agreement: Agreement;
  /** Folder, state and what else a restart finds again. */
  readonly dir: string;
  /** In memory unless the test hands them in, or wants them in the state as a node has them. */
  readonly secrets?: MemorySecrets | 'in-state';
  readonly clock?: Clock;
  readonly disk?: Disk;
  readonly labels?: readonly LabelRule[];
  /** Patterns of files that are only appended to. */
  readonly growing?: readonly string[];
  /** Where epochs get their secrets. */
  readonly random?: Random;
  readonly cipher?: CipherSlot;
  /** Whether nothing is missing here that the others hold; that is so when absent. */
  readonly caughtUp?: () => boolean;
  /** Who serves chunks. */
  readonly sources?: () => readonly SpaceNode[];
}

export class SpaceNode implements AsyncDisposable {
  readonly own: NodeSpace;
  readonly store: Store;
  readonly space: AgentSpace;
  readonly root: string;
  readonly dir: string;
  readonly identity: Identity;
  readonly keyring: Keyring;
  readonly state: State;
  readonly book: AgreementBook;
  readonly secrets: SecretGate;
  readonly events: AgentEvent[] = [];
  /** What went on the record about labels. */
  readonly decided: (readonly [type: string, fields: Details])[] = [];
  readonly desk: LabelDesk;
  /** Key decisions, as they went on the record. */
  readonly decisions: (Details & { readonly type: string })[] = [];
  readonly labels: LabelRules;
  /** Ends of turns with nothing left to do. */
  settled = 0;
  readonly #clock: Clock & { ahead: number };
  readonly #owned: AsyncDisposableStack;

  private constructor(options: SpaceNodeOptions, parts: Parts, owned: AsyncDisposableStack) {
    const { me, disk = nodeDisk, secrets = new MemorySecrets(), sources = () => [] } = options;
    const { clock, state, book } = parts;
    const { random = systemRandom } = options;
    this.own = parts.own;
    this.store = parts.store;
    this.state = state;
    this.book = book;
    this.root = parts.store.root;
    this.dir = options.dir;
    this.identity = options.me;
    this.#clock = parts.clock;
    this.#owned = owned;
    this.keyring = new Keyring({
      identity: me,
      store: secrets === 'in-state' ? state.secrets : secrets,
      random,
      clock: parts.clock,
      suiteOf: () => 'nacl-pq',
      opening: openingsOnRecord({ decided: (type, fields) => this.#decided(type, fields) }),
      cipher: parts.gate,
    });
    this.secrets = parts.gate;
    this.space = new AgentSpace({
      ...parts,
      emit: parts.secrets.concealing((event) => void this.events.push(event)),
      disk,
      keyring: this.keyring,
      fetcher: { fetch: (ids, request) => serve(sources(), ids, request) },
      decided: (type, fields) => this.#decided(type, fields),
      nights: { id: '0badcafe', count: () => Math.floor(clock.now() / 86_400_000) },
      timetable: new RotationTimetable({ cron: rotationCron, clock, known: state }),
      caughtUp: async () => (options.caughtUp ?? (() => true))(),
      firstWord: { has: async () => true },
      adopted: async () => parts.state.putMeta('marker', parts.store.marker ?? ''),
      settled: async () => {
        this.settled += 1;
      },
    });
    this.labels = parts.labels;
    this.desk = new LabelDesk({
      ...{ rules: parts.labels, gate: this.space.gate, space: this.own.space, node: me.node, clock },
      state: this.own.state,
      decided: async (type, fields) => void this.decided.push([type, fields]),
    });
  }

  async #decided(type: string, fields: Details): Promise<void> {
    this.decisions.push({ type, ...fields });
  }

  /** As the start of a process: what `dir` and `secrets` hold is found again. */
  static async open(options: SpaceNodeOptions): Promise<SpaceNode> {
    const { dir, me, agreement, disk = nodeDisk } = options;
    const { space } = agreement;
    const clock = movable(options.clock ?? ownClock);
    const owned = new AsyncDisposableStack();
    const root = join(dir, 'folder');
    await mkdir(root, { recursive: true });
    const state = owned.use(await State.open(join(dir, 'state'), { node: me.node, clock }));
    const labels = new LabelRules(options.labels ?? [], await openLabelMemory(state, space, systemRandom));
    const book = await AgreementBook.open(join(dir, 'agreements'), me, clock);
    await book.accept(agreement);
    const emit = () => undefined;
    const common = { identity: me, state, book, hub: new EventHub(), clock, random: systemRandom, emit };
    const own = await NodeSpace.open(space, common);
    const knownMarker = await state.getMeta('marker');
    const known = knownMarker ? { knownMarker } : {};
    const slot = options.cipher ? { slot: options.cipher } : {};
    const gate = new SecretGate({ me: me.node, standing: (id) => book.inForce(id), clock, ...slot });
    const secrets = new SpaceSecrets({ space, labels, gate });
    const hides = (path: string, kind: FoundKind) => secrets.hides(path, kind);
    const places = [{ name: 'state', path: join(dir, 'state'), secret: true }];
    const of = {
      root,
      space,
      node: me.node,
      disk,
      clock,
      ...{ exclude: [], growing: options.growing ?? [] },
      own: places,
      labels,
      hides,
      emit,
      ...known,
    };
    const store = owned.use(await FolderStore.open(of));
    secrets.onChange(() => store.rewatch());
    const turns = new TurnWatch(clock);
    return new SpaceNode(options, { ...common, own, store, turns, labels, secrets, gate }, owned);
  }

  /** Takes turns until `done`; rejects with what ends the node. */
  async until(done: () => boolean | Promise<boolean>): Promise<void> {
    const stop = new AbortController();
    const run = this.space.cycle.run(stop.signal);
    const ended = run.then(() => 'ended' as const);
    try {
      const end = performance.now() + 20_000;
      while (!(await done())) {
        if (performance.now() > end) throw new Error('the condition did not come about');
        await Promise.race([delay(5), ended]);
      }
    } finally {
      stop.abort(new Error('done'));
      await run;
    }
  }

  /** A look at the whole tree, and turns until nothing is left to do. */
  async settle(): Promise<void> {
    const before = this.settled;
    const scans = () => this.events.filter(({ type }) => type === 'scan.done').length;
    const scanned = scans();
    this.space.cycle.rescan();
    await this.until(() => scans() > scanned && this.settled > before && this.own.state.pendingCount() === 0);
  }

  /** Everything that this node holds goes to `to`. */
  async bring(to: SpaceNode): Promise<void> {
    for (const head of await this.own.state.origins()) {
      const from = ((await to.own.state.position(head.origin))?.seq ?? 0) + 1;
      if (from > head.seq) continue;
      await to.own.acceptor.accept(this.own.origin.node, this.own.state.segments(head.origin, from), head);
    }
  }

  /** The receipts that this node has signed go to `to`. */
  async return(to: SpaceNode): Promise<void> {
    const { node } = this.own.origin;
    const mine = (await this.own.state.receipts()).filter(({ reader }) => reader === node);
    await to.own.receipts.accept(node, mine);
  }

  /** Time passes. */
  advance(ms: number): void {
    this.#clock.ahead += ms;
  }

  /** How much of its own feed this node has written. */
  async published(): Promise<number> {
    return (await this.own.state.position(this.own.origin))?.seq ?? 0;
  }

  /** Up to where this node has signed that it holds the feed of `node`. */
  async receiptFor(node: NodeId): Promise<number> {
    const receipts = await this.own.state.receipts();
    const mine = receipts.filter((r) => r.reader === this.own.origin.node);
    return mine.find((r) => r.origin.node === node)?.seq ?? 0;
  }

  async problems(): Promise<Record<string, string>> {
    const all: Record<string, string> = {};
    for await (const { path, code } of this.own.state.problems()) all[path] = code;
    return all;
  }

  at(path: string): string {
    return join(this.root, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }
}

type Parts = Omit<
  ConstructorParameters<typeof AgentSpace>[0],
  | 'disk'
  | 'keyring'
  | 'fetcher'
  | 'adopted'
  | 'caughtUp'
  | 'firstWord'
  | 'settled'
  | 'decided'
  | 'timetable'
  | 'nights'
  | 'clock'
> & { readonly clock: Clock & { ahead: number }; readonly gate: SecretGate };

type Request = Parameters<ChunkFetcher['fetch']>[1];

async function serve(from: readonly SpaceNode[], ids: readonly ChunkId[], { author, take }: Request) {
  for (const id of ids) {
    for (const node of from) {
      const sealed = await node.own.local?.sealedById(author, id);
      if (sealed && take(sealed)) break;
    }
  }
}
