/** Everything that the agent tells, gathered: log lines at once, metrics and the snapshot when asked. */
import { Registry } from 'prom-client';
import type { AgentEvent, Emit } from '#agent/core/event.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Log } from '#agent/sys/log.ts';
import { EventMetrics } from './event-metrics.ts';
import type { AuditFacts, Sources, SpaceFacts } from './facts.ts';
import { type EventLine, eventLines } from './log-event.ts';
import { LogGate } from './log-gate.ts';
import { NodeMetrics } from './node-metrics.ts';
import { Progress } from './progress.ts';
import { Since } from './since.ts';
import type { Snapshot } from './snapshot.ts';
import { SpaceMetrics } from './space-metrics.ts';
import { optionalTime, snapshotOfSpace } from './space-snapshot.ts';
import { unreadyReason, worstState } from './space-state.ts';
import { Traffic } from './traffic.ts';

export interface RecorderParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Version of dongbo, for /status and the build metric. */
  readonly version: string;
}

type Started = Extract<AgentEvent, { type: 'agent.started' }>;

/** Until the agent has said who it is. */
const unknownNode = { agency: '', node: '', role: 'agent' } as const;

export class Recorder {
  readonly #parts: RecorderParts;
  readonly #registry = new Registry();
  readonly #events: EventMetrics;
  readonly #spaces: SpaceMetrics;
  readonly #node: NodeMetrics;
  readonly #gate = new LogGate();
  readonly #traffic = new Traffic();
  /** When a change was last published or applied in a space. */
  readonly #changed = new Map<string, number>();
  readonly #progress: Progress;
  readonly #since = new Since();
  readonly #startedAt: number;
  #started: Pick<Started, 'agency' | 'node' | 'role'> | typeof unknownNode = unknownNode;
  #phase: 'starting' | 'ready' | 'stopping' = 'starting';
  #lastInStep: number | undefined;
  #sources: Sources = async () => [];
  #audit: (() => AuditFacts) | undefined;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    this.#progress = new Progress(parts.clock.monotonic());
    this.#events = new EventMetrics(this.#registry);
    this.#spaces = new SpaceMetrics(this.#registry);
    this.#node = new NodeMetrics(this.#registry, parts.version);
  }

  /** ISO 8601, UTC. */
  get started(): string {
    return new Date(this.#startedAt).toISOString();
  }

  /** Where the facts of the spaces come from; none before this is called. */
  attach(sources: Sources, audit?: () => AuditFacts): void {
    this.#sources = sources;
    this.#audit = audit;
  }

  /** Takes an event. Never throws on what an event holds; may be handed around without its object. */
  readonly emit: Emit = (event) => {
    const now = this.#parts.clock.monotonic();
    this.#note(event);
    this.#events.note(event);
    this.#traffic.note(event);
    this.#progress.note(event, now);
    for (const line of eventLines(event)) this.#write(line, now);
  };

  #note(event: AgentEvent): void {
    if (event.type === 'agent.started') this.#started = event;
    if (event.type === 'agent.ready') this.#phase = 'ready';
    if (event.type === 'agent.stopping') this.#phase = 'stopping';
    if (event.type === 'published' || event.type === 'applied')
      this.#changed.set(event.space, this.#parts.clock.now());
  }

  #write({ level, event, fields }: EventLine, now: number): void {
    const { log } = this.#parts;
    if (level === 'error' || level === 'warn') {
      const kind = [event, fields.code, fields.space ?? fields.peer]
        .filter((part) => part !== undefined)
        .join(' ');
      const { pass, held } = this.#gate.pass(kind, now);
      if (!pass) return;
      if (held > 0) log.warn('LOG_REPEATED', { line: kind, times: held });
    }
    log[level](event, fields);
  }

  /** The state of everything, now. Rejects with what the sources throw. */
  async snapshot(): Promise<Snapshot> {
    const { clock, version } = this.#parts;
    const facts = (await this.#sources()).map((space) => this.#withFaults(space));
    const now = clock.monotonic();
    const spaces = facts.map((space) => {
      const quietMs = this.#progress.quietMs(space, now);
      const traffic = (node: string) => this.#traffic.of(node, space.space);
      return this.#since.noted(snapshotOfSpace(this.#withLastChange(space), quietMs, traffic), clock.now());
    });
    const worst = worstState(spaces);
    if (worst.state === 'in-step') this.#lastInStep = clock.now();
    const unready = this.#unready(facts);
    const { agency, node, role } = this.#started;
    return {
      format: 1,
      version,
      ...{ agency, node, role },
      time: new Date(clock.now()).toISOString(),
      started: this.started,
      ready: unready.length === 0,
      unready,
      state: worst.state,
      ...(worst.reason === undefined ? {} : { reason: worst.reason }),
      ...optionalTime('lastInStep', this.#lastInStep),
      ...(this.#audit ? { audit: this.#audit() } : {}),
      memory: { residentBytes: process.memoryUsage.rss() },
      spaces,
    };
  }

  #withFaults(facts: SpaceFacts): SpaceFacts {
    const peers = facts.peers.map((peer) => {
      const { lastFault } = this.#traffic.of(peer.node, facts.space);
      return lastFault === undefined ? peer : { ...peer, lastFault };
    });
    return { ...facts, peers };
  }

  #withLastChange(facts: SpaceFacts): SpaceFacts {
    const lastChange = facts.lastChange ?? this.#changed.get(facts.space);
    return lastChange === undefined ? facts : { ...facts, lastChange };
  }

  #unready(facts: readonly SpaceFacts[]): Snapshot['unready'] {
    if (this.#phase !== 'ready') return [{ reason: this.#phase === 'starting' ? 'STARTING' : 'STOPPING' }];
    return facts.flatMap((space) => {
      const reason = unreadyReason(space);
      return reason === undefined ? [] : [{ space: space.space, reason }];
    });
  }

  /** The metrics in Prometheus's text format. */
  async metrics(): Promise<string> {
    const snapshot = await this.snapshot();
    this.#spaces.set(snapshot);
    this.#node.set(snapshot);
    return this.#registry.metrics();
  }

  /** The content type that goes with `metrics()`. */
  get metricsType(): string {
    return this.#registry.contentType;
  }
}
