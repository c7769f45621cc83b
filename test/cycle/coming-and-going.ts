/**
 * Members and a relay in one process, as nodes over their own state, keys and folders, on lines that a test holds.
 * Their time runs faster than that of the machine, and a test can set it forward.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Agreement, agreementDigest } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { AgentEvent } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { AgentFacts } from '#agent/cycle/agent-facts.ts';
import { AgentSpace } from '#agent/cycle/agent-space.ts';
import { isCaughtUp } from '#agent/cycle/caught-up.ts';
import { FirstWord } from '#agent/cycle/first-word.ts';
import { openLabelMemory } from '#agent/cycle/label-desk.ts';
import { Node } from '#agent/cycle/node.ts';
import { RotationTimetable } from '#agent/cycle/rotation-timetable.ts';
import { SpaceSecrets } from '#agent/cycle/space-secrets.ts';
import { TurnWatch } from '#agent/cycle/turn-watch.ts';
import { MemoryPeer } from '#agent/exchange/memory-peer.ts';
import type { Peer } from '#agent/exchange/peer.ts';
import { isRefusal } from '#agent/seal/agreement-book.ts';
import { AgreementTrust } from '#agent/seal/agreement-trust.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { stallMs, type SpaceState, spaceState } from '#agent/status/space-state.ts';
import { FolderStore } from '#agent/store/folder.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import type { FoundKind } from '#agent/store/store.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { startMs } from '#test/trust/parties.ts';

const speed = 3;

export class QuickClock implements Clock {
  ahead = 0;
  now = (): number => startMs + Math.floor(this.monotonic());
  monotonic = (): number => performance.now() * speed + this.ahead;
  sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    delay(Math.ceil(ms / speed), undefined, { signal });
}

export interface MachineParts {
  readonly identity: Identity;
  /** Where its keys lie; they are never lost. */
  readonly keys: string;
  readonly dir: string;
  readonly clock: Clock;
  readonly space: SpaceId;
  /** The one that agents call; absent for the relay itself. */
  readonly relay?: Machine;
}

/** What a lost state leaves behind (docs/operations.md). */
const kept = ['agreements', 'audit', 'audit-witnesses.json'];

export class Machine {
  readonly parts: MachineParts;
  readonly events: AgentEvent[] = [];
  node: Node | undefined;
  facts: AgentFacts | undefined;
  #cycle: AgentSpace | undefined;
  #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: MachineParts) {
    this.parts = parts;
  }

  get folder(): string {
    return join(this.parts.dir, 'folder');
  }

  get state(): string {
    return join(this.parts.dir, 'state');
  }

  async start(): Promise<void> {
    const { keys, clock, relay, space } = this.parts;
    await mkdir(this.folder, { recursive: true });
    await mkdir(this.state, { recursive: true, mode: 0o700 });
    const emit = (event: AgentEvent): void => void this.events.push(event);
    const failed = (error: unknown): void =>
      void this.events.push({ type: 'error', code: String(error), details: {} });
    const audit = { maxBytes: 2 ** 30, retentionMonths: 24 };
    const common = {
      state: this.state,
      keys,
      clock,
      random: systemRandom,
      disk: nodeDisk,
      emit,
      failed,
      audit,
    };
    const role = relay ? 'agent' : 'relay';
    const peers = relay ? [{ node: relay.parts.identity.node, url: 'memory:relay' }] : [];
    const dial = () => line(this, relay as Machine);
    const node = await Node.open({ ...common, role, peers, dial });
    this.node = node;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    if (relay) {
      this.#cycle = await this.#openSpace(node);
    } else await node.openRelayed();
    const running = (id: SpaceId) =>
      this.#cycle && id === space ? { config: { folder: this.folder }, space: this.#cycle } : undefined;
    this.facts = new AgentFacts({ node, clock, role, running });
    await node.start();
    await node.refresh();
    this.#running = this.#cycle?.cycle.run(signal).catch(failed) ?? this.#running;
    const refreshed = this.#refresh(node, signal);
    this.#running = Promise.all([this.#running, refreshed]);
  }

  async #refresh(node: Node, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(100, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await node.refresh();
    }
  }

  /** As `Agent` of agent.ts composes it. */
  async #openSpace(node: Node): Promise<AgentSpace> {
    const { clock, space } = this.parts;
    const own = await node.openSpace(space);
    const caughtUp = () => isCaughtUp(own, node.peers);
    const labels = new LabelRules([], await openLabelMemory(node.state, space, systemRandom));
    const secrets = new SpaceSecrets({ space, labels, gate: node.secrets });
    const known = await node.state.getMeta('marker');
    const hides = (path: string, kind: FoundKind) => secrets.hides(path, kind);
    const emit = node.parts().emit;
    const of = {
      root: this.folder,
      space,
      node: node.identity.node,
      disk: nodeDisk,
      clock,
      exclude: [],
      labels,
      own: [],
    };
    const store = await FolderStore.open({ ...of, hides, emit, ...(known ? { knownMarker: known } : {}) });
    this.#stop.signal.addEventListener('abort', () => void store[Symbol.asyncDispose]());
    const { keyring, fetcher, state } = node;
    return new AgentSpace({
      ...node.parts(),
      ...{ own, store, labels, secrets, disk: nodeDisk, keyring, fetcher, turns: new TurnWatch(clock) },
      nights: node.lived,
      caughtUp,
      firstWord: new FirstWord({ own, clock, caughtUp, dials: true }),
      decided: async () => undefined,
      timetable: new RotationTimetable({ cron: '0 2 1 * *', clock, known: state }),
      adopted: async () => state.putMeta('marker', store.marker ?? ''),
      settled: () => node.dropTransit(space),
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('stopped'));
    await this.#running;
    await this.node?.[Symbol.asyncDispose]();
    this.node = undefined;
    this.facts = undefined;
    this.#cycle = undefined;
  }

  async accept(agreements: readonly Agreement[]): Promise<void> {
    for (const agreement of agreements)
      await this.node?.book.accept(agreement).catch((error: unknown) => {
        if (!(error instanceof DongboError) || error.code !== 'AGREEMENT_OLDER') throw error;
      });
    await this.node?.refresh();
  }

  /** Index, feeds and vault are gone. The machine is off. */
  async loseState(): Promise<void> {
    for (const name of await readdir(this.state))
      if (!kept.includes(name)) await rm(join(this.state, name), { recursive: true });
  }

  async takeImage(): Promise<void> {
    await copy(this.parts.dir, join(this.parts.dir, 'image'));
  }

  /** The machine is off. */
  async restoreImage(): Promise<void> {
    for (const name of ['state', 'folder']) await rm(join(this.parts.dir, name), { recursive: true });
    await copy(join(this.parts.dir, 'image'), this.parts.dir);
  }

  async standing(): Promise<SpaceState> {
    const [facts] = (await this.facts?.all()) ?? [];
    return facts ? spaceState(facts, stallMs + 1) : { state: 'halted', reason: 'OFF' };
  }

  /** A person says that the folder, which is a copy, is the right one. */
  async release(): Promise<void> {
    await this.#cycle?.cycle.release();
  }

  /** Until the folder has been looked through once more, unless something keeps it from being. */
  async look(): Promise<void> {
    const cycle = this.#cycle?.cycle;
    const before = cycle?.facts().lastScan;
    cycle?.rescan();
    const end = performance.now() + 5_000;
    while (cycle && cycle.facts().lastScan === before && !cycle.facts().halt && performance.now() < end)
      await delay(5);
  }

  /** Path → what it holds. */
  async tree(): Promise<Readonly<Record<string, string>>> {
    const found: Record<string, string> = {};
    for (const entry of await readdir(this.folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name).slice(this.folder.length + 1);
      if (path.startsWith('.dongbo')) continue;
      const text = entry.isFile()
        ? await readFile(join(this.folder, path)).catch(() => 'gone')
        : entry.isDirectory();
      found[path] =
        typeof text === 'boolean' ? 'dir' : createHash('sha256').update(text).digest('hex').slice(0, 12);
    }
    return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** To the nanosecond: an image that is put back is no edit. */
export async function copy(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of ['state', 'folder']) execFileSync('cp', ['-a', '--', join(from, name), join(to, name)]);
}

/** What the server of the far end checks before its backend hears of a request; all is refused while one is off. */
function line(near: Machine, far: Machine): Peer & AsyncDisposable {
  const { node } = far.parts.identity;
  const peer = (space?: SpaceId): MemoryPeer => {
    const [caller, relay] = [near.node, far.node];
    if (!caller || !relay) throw new DongboError('PEER_UNREACHABLE', { peer: node }, { retry: 'later' });
    const trust = new AgreementTrust(relay.book);
    const me = caller.identity.node;
    if (!trust.certificates().some((each) => each.node === me))
      throw new DongboError('PEER_REFUSED', { peer: node, status: 403 }, { retry: 'later' });
    if (space !== undefined) checkSpace({ caller, trust, space });
    return new MemoryPeer(node, relay.backend(), me);
  };
  const asked = { get: (_: object, name: string) => request(peer, node, name) };
  return new Proxy({}, asked) as Peer & AsyncDisposable;
}

function request(peer: (space?: SpaceId) => MemoryPeer, node: string, name: string | symbol): unknown {
  if (name === 'node') return node;
  if (name === Symbol.asyncDispose) return async () => undefined;
  if (['segments', 'getChunks', 'events'].includes(String(name)))
    return async function* (...args: unknown[]) {
      const to = peer(name === 'events' ? undefined : (args[0] as SpaceId));
      yield* (Reflect.get(to, name) as (...all: unknown[]) => AsyncIterable<unknown>).apply(to, args);
    };
  return async (...args: unknown[]) => {
    const to = peer(args[0] as SpaceId);
    return (Reflect.get(to, name) as (...all: unknown[]) => unknown).apply(to, args);
  };
}

function checkSpace({ caller, trust, space }: { caller: Node; trust: AgreementTrust; space: SpaceId }): void {
  const [theirs, mine] = [trust.inForce(space), caller.book.inForce(space)];
  if (!theirs) throw new DongboError('SPACE_NOT_SHARED', {}, { retry: 'after-change' });
  if (!theirs.members.has(caller.identity.node))
    throw new DongboError('NOT_A_MEMBER', {}, { retry: 'after-change' });
  if (isRefusal(mine) || theirs.digest !== agreementDigest(mine))
    throw new DongboError('AGREEMENT_MISMATCH', {}, { retry: 'after-change' });
}
