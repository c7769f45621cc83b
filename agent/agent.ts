/**
 * The composition root, and the story: watch each folder, work out what changed, seal it for exactly those who may
 * read it, put it into the signed feed, exchange feeds and chunks with peers and relay, and apply what arrived.
 * One turn of that is `SpaceCycle` (cycle/space-cycle.ts); what arrives in between comes through `Acceptor`.
 */
import { join } from 'node:path';
import { keysDirOf, ownPlacesOf } from './cli/config.ts';
import type { Config, SpaceConfig } from './cli/config-schema.ts';
import { slotOf } from './cli/device-slot.ts';
import { asFault, isFatal } from './core/errors.ts';
import type { SpaceId } from './core/ids.ts';
import { AgentCommands } from './cycle/agent-commands.ts';
import { AgentFacts } from './cycle/agent-facts.ts';
import { isCaughtUp } from './cycle/caught-up.ts';
import { AgentSpace, type AgentSpaceParts } from './cycle/agent-space.ts';
import { FirstWord } from './cycle/first-word.ts';
import { LabelDesk, openLabelMemory } from './cycle/label-desk.ts';
import { Node } from './cycle/node.ts';
import { RotationTimetable } from './cycle/rotation-timetable.ts';
import { SpaceSecrets } from './cycle/space-secrets.ts';
import { hangsAfterMs, TurnWatch } from './cycle/turn-watch.ts';
import { ControlServer } from './status/control.ts';
import { forgetListening, placesOf, shownPlaces, tellListening } from './status/listening.ts';
import { Recorder } from './status/recorder.ts';
import { StatusServer } from './status/server.ts';
import { FolderStore } from './store/folder.ts';
import { LabelRules } from './store/label-rules.ts';
import type { FoundKind } from './store/store.ts';
import type { Clock } from './sys/clock.ts';
import type { Disk } from './sys/disk.ts';
import { errnoCode } from './sys/errno.ts';
import type { Log } from './sys/log.ts';
import type { Notifier } from './sys/notify.ts';
import { withProgress } from './sys/progress-disk.ts';
import type { Random } from './sys/random.ts';
import { schedule } from './sys/schedule.ts';

export interface AgentDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly log: Log;
  readonly notify: Notifier;
  readonly version: string;
  /** Where the configuration was read from. */
  readonly configFile: string;
}

/** How often accepted agreements are read again: one that ends stops its flow within this time. */
const refreshMs = 2_000;
const purgeTimetable = '17 3 * * *';
/** For a rotation that the machine slept through. */
const missedTimetable = '41 * * * *';

/** Runs until `signal` is aborted, then puts everything down. Rejects with what the node cannot go on with. */
export async function runAgent(config: Config, deps: AgentDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, notify, version } = deps;
  const recorder = new Recorder({ clock, log, version });
  const { emit } = recorder;
  const fault = Promise.withResolvers<never>();
  fault.promise.catch(() => undefined);
  const stop = new AbortController();
  const running = AbortSignal.any([signal, stop.signal]);
  await using owned = new AsyncDisposableStack();
  const cipher = slotOf(config, { clock, emit });
  if (cipher) owned.use(cipher);
  const options = nodeOptions(config, deps, recorder, fault.reject);
  const node = owned.use(await Node.open({ ...options, ...(cipher ? { cipher } : {}) }));
  const { agency, node: id } = node.identity;
  emit({ type: 'agent.started', agency, node: id, role: config.role });
  const agent = new Agent(config, deps, node, recorder);
  await cipher?.tick(running);
  await agent.openSpaces();
  await forgetListening(config.state, deps.disk);
  const status = owned.use(await StatusServer.listen({ ...config.status, recorder, emit }));
  owned.use(
    await ControlServer.listen({ path: join(config.state, 'control.sock'), commands: agent.commands, emit }),
  );
  const ports = { status: status.port, exchange: await node.start() };
  const listening = { node: id, started: recorder.started, ...placesOf(config, ports) };
  owned.use(await tellListening(config.state, listening, deps));
  const work = Promise.all([agent.run(running), notify.watchdog(() => agent.isWell(), running)]);
  emit({ type: 'agent.ready', ...shownPlaces(listening) });
  await notify.ready();
  const aborted = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  try {
    await Promise.race([aborted, fault.promise, work]);
  } finally {
    emit({ type: 'agent.stopping', reason: signal.aborted ? 'signal' : 'fault' });
    await notify.stopping();
    stop.abort(new Error('stopping'));
    await Promise.allSettled([work]);
  }
}

function nodeOptions(config: Config, deps: AgentDeps, { emit }: Recorder, failed: (error: unknown) => void) {
  const { clock, random, disk } = deps;
  const { state, role, peers, listen, audit } = config;
  const common = { clock, random, disk, emit, failed };
  return { ...common, state, keys: keysDirOf(config), role, peers, audit, ...(listen ? { listen } : {}) };
}

interface Running {
  readonly config: SpaceConfig;
  readonly space: AgentSpace;
  readonly secrets: SpaceSecrets;
  readonly turns: TurnWatch;
  readonly labels: LabelDesk;
}

interface Opening {
  readonly labels: LabelRules;
  readonly secrets: SpaceSecrets;
  readonly turns: TurnWatch;
  readonly knownMarker: string | undefined;
}

/** The spaces of this node. */
class Agent {
  readonly #config: Config;
  readonly #deps: AgentDeps;
  readonly #node: Node;
  readonly #recorder: Recorder;
  readonly #spaces = new Map<SpaceId, Running>();
  /** Codes of what was told, by what they are about. */
  readonly #told = new Map<string, string>();
  readonly commands: AgentCommands;

  constructor(config: Config, deps: AgentDeps, node: Node, recorder: Recorder) {
    this.#config = config;
    this.#deps = deps;
    this.#node = node;
    this.#recorder = recorder;
    const { role } = config;
    const { clock } = deps;
    const running = (id: SpaceId) => this.#spaces.get(id);
    this.commands = new AgentCommands({ node, clock, emit: recorder.emit, running });
    const facts = new AgentFacts({ node, clock, role, running });
    recorder.attach(
      () => facts.all(),
      () => node.auditFacts(),
    );
  }

  async openSpaces(): Promise<void> {
    if (this.#config.role === 'relay') return this.#node.openRelayed();
    for (const config of this.#config.spaces) this.#spaces.set(config.space, await this.#open(config));
  }

  async #open(config: SpaceConfig): Promise<Running> {
    const { clock, disk } = this.#deps;
    const { keyring, fetcher, state } = this.#node;
    const own = await this.#node.openSpace(config.space);
    await own.state.verify();
    const key = `marker/${config.space}`;
    const knownMarker = await state.getMeta(key);
    const turns = new TurnWatch(clock);
    const memory = await openLabelMemory(state, config.space, this.#deps.random);
    const labels = new LabelRules(config.labels, memory);
    const secrets = new SpaceSecrets({ space: config.space, labels, gate: this.#node.secrets });
    const store = await this.#openStore(config, { labels, secrets, turns, knownMarker });
    secrets.onChange(() => store.rewatch());
    const adopted = async (): Promise<void> => {
      if (store.marker !== undefined) await state.putMeta(key, store.marker);
    };
    const settled = () => this.#node.dropTransit(config.space);
    const { peers } = this.#node;
    const caughtUp = () => isCaughtUp(own, peers);
    const firstWord = new FirstWord({ own, clock, caughtUp, dials: this.#config.peers.length > 0 });
    const decided: AgentSpaceParts['decided'] = (type, fields) => this.#node.trail.decided(type, fields);
    const { lived: nights } = this.#node;
    const cron = this.#config.epochs.rotate;
    const timetable = new RotationTimetable({ cron, clock: nights.clock, known: state });
    const epochs = { decided, timetable };
    const common = this.#node.parts();
    const emit = secrets.concealing(common.emit);
    const parts = {
      own,
      store,
      labels,
      secrets,
      disk,
      keyring,
      fetcher,
      turns,
      nights,
      adopted,
      caughtUp,
      firstWord,
      settled,
      ...epochs,
    };
    const space = new AgentSpace({ ...common, emit, ...parts });
    const { node } = this.#node.identity;
    const desk = {
      rules: labels,
      gate: space.gate,
      space: config.space,
      node,
      state: own.state,
      clock,
      decided,
    };
    return { config, turns, space, secrets, labels: new LabelDesk(desk) };
  }

  #openStore(
    { space, exclude, growing, folder }: SpaceConfig,
    { labels, secrets, turns, knownMarker }: Opening,
  ) {
    const { emit } = this.#recorder;
    const { clock, disk, configFile } = this.#deps;
    const { node } = this.#node.identity;
    const index = this.#config.spaces.findIndex((one) => one.space === space);
    const note = () => turns.note();
    const options = {
      root: folder,
      space,
      node,
      disk: withProgress(disk, note),
      ...{ clock, exclude, growing },
      own: ownPlacesOf(this.#config, configFile, index),
      labels,
      hides: (path: string, kind: FoundKind) => secrets.hides(path, kind),
      emit,
    };
    const known = knownMarker === undefined ? {} : { knownMarker };
    return FolderStore.open({ ...options, ...known });
  }

  /** Whether each space comes round, or is at work. One that hangs is told, and ends the watchdog's patience. */
  isWell(): boolean {
    const hanging = [...this.#spaces.values()].filter(({ turns }) => turns.hangs());
    for (const { config } of hanging)
      this.#recorder.emit({
        type: 'error',
        code: 'SPACE_HANGS',
        details: { space: config.space, minutes: hangsAfterMs / 60_000 },
      });
    return hanging.length === 0;
  }

  /** Runs until aborted; rejects when one of its parts cannot go on. */
  async run(signal: AbortSignal): Promise<void> {
    const tasks = [this.#refresh(signal)];
    for (const { config, space } of this.#spaces.values()) {
      const contained = (work: () => Promise<void>) => this.#contained(config.space, work);
      tasks.push(space.cycle.run(signal), space.slowPass.run(signal), space.trash.run(signal, contained));
      tasks.push(schedule(config.scan, () => space.cycle.rescan(), signal));
      for (const cron of [this.#config.epochs.rotate, missedTimetable])
        tasks.push(schedule(cron, () => space.epochs.lookAtTimetable(), signal));
      const purge = () => this.#contained(config.space, () => this.#purge(config, space, signal));
      tasks.push(schedule(purgeTimetable, purge, signal));
    }
    await Promise.all(tasks);
  }

  /** A trash that cannot be emptied tonight is no reason to stop sharing. */
  async #purge(config: SpaceConfig, space: AgentSpace, signal: AbortSignal): Promise<void> {
    space.epochs.destroy();
    await space.purgeTrash(config.trashDays, signal);
  }

  /** Once while it lasts. */
  #tell(space: SpaceId | undefined, error: unknown): void {
    if (isFatal(error)) throw error;
    const errno = errnoCode(error);
    const { code, details } =
      errno === undefined ? asFault(error) : { code: 'NODE_DISK_ERROR', details: { errno } };
    const known = this.#told.get(String(space)) === code;
    this.#told.set(String(space), code);
    const where = space === undefined ? {} : { space };
    if (!known) this.#recorder.emit({ type: 'error', code, details: { ...details, ...where } });
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#deps.clock.sleep(refreshMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#contained(undefined, async () => {
        await this.#node.options.cipher?.tick(signal);
        await this.#node.refresh();
      });
    }
  }

  /** What goes wrong in `work` is told, and it is done again at its next time. Rejects only with what is fatal. */
  async #contained(space: SpaceId | undefined, work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
      this.#told.delete(String(space));
    } catch (error) {
      this.#tell(space, error);
    }
  }
}
