/** A member's machine with its agent: turn by turn, as the history says. */
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { SpaceId } from '#agent/core/ids.ts';
import type { LabelDecision } from '#agent/core/label-memory.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { AgentCommands } from '#agent/cycle/agent-commands.ts';
import { AgentFacts } from '#agent/cycle/agent-facts.ts';
import { AgentSpace } from '#agent/cycle/agent-space.ts';
import { isCaughtUp } from '#agent/cycle/caught-up.ts';
import { FirstWord } from '#agent/cycle/first-word.ts';
import { LabelDesk, openLabelMemory } from '#agent/cycle/label-desk.ts';
import type { Node } from '#agent/cycle/node.ts';
import { RotationTimetable } from '#agent/cycle/rotation-timetable.ts';
import { SpaceSecrets } from '#agent/cycle/space-secrets.ts';
import { type SpaceState, spaceState } from '#agent/status/space-state.ts';
import { FolderStore } from '#agent/store/folder.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import type { FoundKind } from '#agent/store/store.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { Line } from './line.ts';
import { Machine, type MachineParts } from './machine.ts';
import { PartClock } from './time.ts';
import { LetTurns } from './turns.ts';
import { WatchedStore } from './watched-store.ts';

const turnLimitMs = 30_000;
const refreshMs = 20_000;

interface Running {
  readonly node: Node;
  readonly space: AgentSpace;
  readonly secrets: SpaceSecrets;
  readonly labels: LabelDesk;
  readonly turns: LetTurns;
  readonly store: WatchedStore;
  readonly commands: AgentCommands;
  readonly facts: AgentFacts;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

export interface MemberParts extends MachineParts {
  readonly space: SpaceId;
  readonly relay: Machine;
  readonly labels: readonly LabelRule[];
}

export class Member extends Machine {
  readonly line: Line;
  labels: readonly LabelRule[];
  readonly #of: MemberParts;
  #running: Running | undefined;
  #refreshed = Number.NEGATIVE_INFINITY;

  constructor(parts: MemberParts) {
    super(parts);
    this.#of = parts;
    this.labels = parts.labels;
    const ends = { near: () => this.node, far: () => parts.relay.node, clock: this.clock };
    this.line = new Line(parts.relay.parts.identity.node, ends);
  }

  get running(): Running {
    if (!this.#running) throw new Error(`${this.name} is off`);
    return this.#running;
  }

  async start(): Promise<void> {
    const node = await this.open(() => this.line);
    const store = await this.#openSpace(node);
    await node.start();
    await node.refresh();
    store.hintAll('started');
  }

  async stop(): Promise<void> {
    const { stop, ended, turns, store } = this.running;
    this.#running = undefined;
    stop.abort(new Error('stopped'));
    turns.free = true;
    await ended;
    await store[Symbol.asyncDispose]();
    await this.close();
  }

  /** As `Agent` in agent.ts composes it. */
  async #openSpace(node: Node): Promise<WatchedStore> {
    const { space: id, time, random } = this.#of;
    const clock = new PartClock(time);
    const own = await node.openSpace(id);
    const memory = await openLabelMemory(node.state, id, random);
    const labels = new LabelRules(this.labels, memory);
    const secrets = new SpaceSecrets({ space: id, labels, gate: node.secrets });
    const turns = new LetTurns(clock);
    const store = await this.#openStore(node, { labels, secrets });
    secrets.onChange(() => store.hintAll('secrets moved'));
    const decided = node.trail.decided.bind(node.trail);
    const caughtUp = () => isCaughtUp(own, node.peers);
    const space = new AgentSpace({
      ...{ ...node.parts(), clock, emit: secrets.concealing(this.emit) },
      ...{
        own,
        store,
        labels,
        secrets,
        disk: nodeDisk,
        keyring: node.keyring,
        fetcher: node.fetcher,
        turns,
        decided,
        nights: node.lived,
      },
      caughtUp,
      firstWord: new FirstWord({ own, clock, caughtUp, dials: true }),
      adopted: async () => node.state.putMeta(`marker/${id}`, store.marker ?? ''),
      settled: () => node.dropTransit(id),
      timetable: new RotationTimetable({ cron: '0 2 1 * *', clock, known: node.state }),
    });
    const desk = new LabelDesk({
      ...{ rules: labels, gate: space.gate, space: id, node: node.identity.node, clock, decided },
      state: own.state,
    });
    this.#run({ node, space, secrets, labels: desk, turns, store });
    return store;
  }

  async #openStore(node: Node, rules: { readonly labels: LabelRules; readonly secrets: SpaceSecrets }) {
    const { space } = this.#of;
    const knownMarker = await node.state.getMeta(`marker/${space}`);
    const { labels, secrets } = rules;
    const inner = await FolderStore.open({
      ...{ root: this.folder, space, node: node.identity.node, disk: nodeDisk, exclude: [], labels },
      own: [{ name: 'state', path: this.state, secret: true }],
      clock: new PartClock(this.#of.time),
      hides: (path: string, kind: FoundKind) => secrets.hides(path, kind),
      emit: this.emit,
      ...(knownMarker ? { knownMarker } : {}),
    });
    return new WatchedStore(inner);
  }

  #run(parts: Pick<Running, 'node' | 'space' | 'secrets' | 'labels' | 'turns' | 'store'>): void {
    const stop = new AbortController();
    const running = { ...parts, config: { folder: this.folder } };
    const of = () => running;
    const { node } = parts;
    const { clock, emit } = this;
    const commands = new AgentCommands({ node, clock, emit, running: of });
    const facts = new AgentFacts({ node, clock, role: 'agent', running: of });
    const ended = parts.space.cycle.run(stop.signal).catch(this.failed);
    this.#running = { ...parts, commands, facts, stop, ended };
  }

  /** One turn of the space, with what the timetables do beside it. */
  async turn(): Promise<void> {
    const { space, turns, ended } = this.running;
    await this.#refresh();
    await setImmediate();
    const over = turns.one();
    space.cycle.poke();
    const limit = new AbortController();
    const late = delay(turnLimitMs, true, { signal: limit.signal }).catch(() => false);
    const hangs = await Promise.race([over, ended, late]);
    limit.abort();
    if (hangs === true) throw new Error(`a turn of ${this.name} does not end`);
  }

  /** As every two seconds, but not at each step: most find nothing. */
  async #refresh(): Promise<void> {
    const now = this.clock.monotonic();
    if (now - this.#refreshed < refreshMs) return;
    this.#refreshed = now;
    await this.running.node.refresh();
  }

  async exchange(): Promise<void> {
    await this.#refresh();
    const { line } = this;
    // Whoever comes back is waited for: the wait before the next try passes.
    for (let tries = 0; line.up && !line.connected && this.#of.relay.on && tries < 3; tries += 1) {
      await line.work();
      if (!line.connected) this.#of.time.pass(31_000);
    }
    await line.work();
  }

  decide(decision: LabelDecision, kind: FoundKind) {
    return this.running.labels.decide(decision, kind, 'cán bộ');
  }

  release(reason: string): Promise<string | undefined> {
    return this.running.commands.release(this.#of.space, 'Nguyễn Văn A', reason);
  }

  async standing(): Promise<SpaceState> {
    const [facts] = await this.running.facts.all();
    if (!facts) throw new Error('no space');
    return spaceState(facts, 0);
  }

  /** What the standing is worked out from, in short. */
  async figures(): Promise<string> {
    const [facts] = await this.running.facts.all();
    const peers = facts?.peers.map(
      (p) =>
        `${p.agency} has ${p.theirSeq} of its own, ${p.heldSeq} held here; ${p.sentSeq} of ${p.ownSeq} sent, ${p.receiptSeq} confirmed`,
    );
    return `(pending ${facts?.pending}, behind ${facts?.behind}; ${peers?.join('; ')})`;
  }

  async problems(): Promise<{ readonly path: string; readonly code: string }[]> {
    const found: { readonly path: string; readonly code: string }[] = [];
    for await (const problem of this.running.node.space(this.#of.space).state.problems()) found.push(problem);
    return found;
  }
}
