/** An agent's space over a real folder, a real state and real keys. What travels is handed over by the test. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Agreement } from '#agent/core/agreement.ts';
import type { AgentEvent } from '#agent/core/event.ts';
import type { ChunkId, NodeId } from '#agent/core/ids.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { AgentSpace } from '#agent/cycle/agent-space.ts';
import type { ChunkFetcher } from '#agent/cycle/fetch-chunks.ts';
import { NodeSpace } from '#agent/cycle/node-space.ts';
import { SecretGate } from '#agent/cycle/secret-gate.ts';
import { SpaceSecrets } from '#agent/cycle/space-secrets.ts';
import { TurnWatch } from '#agent/cycle/turn-watch.ts';
import { EventHub } from '#agent/exchange/event-hub.ts';
import { State } from '#agent/feed/state.ts';
import type { CipherSlot } from '#agent/seal/cipher-slot.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { FolderStore } from '#agent/store/folder.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import type { FoundKind } from '#agent/store/store.ts';
import { type Clock, systemClock } from '#agent/sys/clock.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { startMs } from '#test/trust/parties.ts';

const clock: Clock = { ...systemClock, now: () => startMs + Math.floor(performance.now()) };

export interface SpaceNodeOptions {
  readonly me: Identity;
  readonly agreement: Agreement;
  /** Folder, state and what else a restart finds again. */
  readonly dir: string;
  readonly secrets?: MemorySecrets;
  readonly disk?: Disk;
  readonly labels?: readonly LabelRule[];
  readonly cipher?: CipherSlot;
  /** Who serves chunks. */
  readonly sources?: () => readonly SpaceNode[];
}

export class SpaceNode implements AsyncDisposable {
  readonly own: NodeSpace;
  readonly space: AgentSpace;
  readonly root: string;
  readonly keyring: Keyring;
  readonly secrets: SecretGate;
  readonly events: AgentEvent[] = [];
  /** Ends of turns with nothing left to do. */
  settled = 0;
  readonly #owned: AsyncDisposableStack;

  private constructor(options: SpaceNodeOptions, parts: Parts, owned: AsyncDisposableStack) {
    const { me, disk = nodeDisk, secrets = new MemorySecrets(), sources = () => [] } = options;
    this.own = parts.own;
    this.root = parts.store.root;
    this.#owned = owned;
    this.keyring = new Keyring({
      identity: me,
      store: secrets,
      random: systemRandom,
      clock,
      suiteOf: () => 'nacl-pq',
      cipher: parts.gate,
    });
    this.secrets = parts.gate;
    this.space = new AgentSpace({
      ...parts,
      emit: parts.secrets.concealing((event) => void this.events.push(event)),
      disk,
      keyring: this.keyring,
      fetcher: { fetch: (ids, request) => serve(sources(), ids, request) },
      adopted: async () => parts.state.putMeta('marker', parts.store.marker ?? ''),
      settled: async () => {
        this.settled += 1;
      },
    });
  }

  /** As the start of a process: what `dir` and `secrets` hold is found again. */
  static async open(options: SpaceNodeOptions): Promise<SpaceNode> {
    const { dir, me, agreement, disk = nodeDisk } = options;
    const labels = new LabelRules(options.labels ?? []);
    const { space } = agreement;
    const owned = new AsyncDisposableStack();
    const root = join(dir, 'folder');
    await mkdir(root, { recursive: true });
    const state = owned.use(await State.open(join(dir, 'state'), { node: me.node, clock }));
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
    const of = { root, space, node: me.node, disk, clock, exclude: [], hides, emit, ...known };
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
  'disk' | 'keyring' | 'fetcher' | 'adopted' | 'settled'
> & { readonly gate: SecretGate };

type Request = Parameters<ChunkFetcher['fetch']>[1];

async function serve(from: readonly SpaceNode[], ids: readonly ChunkId[], { author, take }: Request) {
  for (const id of ids) {
    for (const node of from) {
      const sealed = await node.own.local?.sealedById(author, id);
      if (sealed && take(sealed)) break;
    }
  }
}
