/**
 * Keeps one peer in step, for ever. All that it knows of progress comes from the two ends: what the peer says it holds
 * and what is durable here. So it resumes after any break, on either side, by asking for what is missing.
 */
import { asFault, type DongboError, isFatal } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Random } from '#agent/sys/random.ts';
import { Backoff } from './backoff.ts';
import { pushesInFlight } from './limits.ts';
import type { LinkLocal } from './link-local.ts';
import { type LinkTimes, linkTimes } from './link-times.ts';
import type { Peer } from './peer.ts';
import type { Pokes } from './pokes.ts';
import { Semaphore } from './semaphore.ts';
import { SpaceLinks } from './space-links.ts';

export interface LinkOptions {
  readonly peer: Peer;
  /** For the operator: where the peer is. */
  readonly url: string;
  /** The spaces shared with this peer now; asked again whenever something stirs. */
  readonly spaces: () => readonly SpaceId[];
  readonly local: LinkLocal;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  readonly pokes: Pick<Pokes, 'subscribe'>;
  readonly times?: Partial<LinkTimes>;
}

/** Returns when aborted. Rejects only when the state cannot be written any more. */
export async function runLink(options: LinkOptions, signal: AbortSignal): Promise<void> {
  const times = { ...linkTimes, ...options.times };
  const backoff = new Backoff(times, options.random);
  const { clock } = options;
  /** Monotonic ms at which it was last well, or began. */
  let lostAt = clock.monotonic();
  let told: string | undefined;
  while (!signal.aborted) {
    const session = new Session(options, times, signal);
    try {
      await session.run();
    } catch (error) {
      if (signal.aborted) return;
      if (isFatal(error)) throw error;
      const fault = asFault(error);
      if (session.upSince !== undefined || told !== fault.code) tellDown(options, fault);
      told = fault.code;
    }
    const { upSince } = session;
    const now = clock.monotonic();
    if (upSince !== undefined && now - upSince >= times.steadyMs) {
      backoff.succeeded();
      lostAt = now;
    }
    await clock.sleep(backoff.failed(now - lostAt), signal).catch(() => {});
  }
}

function tellDown({ emit, peer, url }: LinkOptions, { code, details }: DongboError): void {
  emit({ type: 'peer.down', peer: peer.node, url, code, details });
}

/** One connection: from the moment that its stream of events is asked for to its end. */
class Session {
  readonly #options: LinkOptions;
  readonly #over = new AbortController();
  readonly #signal: AbortSignal;
  readonly #links: SpaceLinks;
  /** Monotonic ms at which the peer answered, undefined when it has not. */
  upSince: number | undefined;

  constructor(options: LinkOptions, times: LinkTimes, signal: AbortSignal) {
    this.#options = options;
    this.#signal = AbortSignal.any([signal, this.#over.signal]);
    const parts = { ...options, times, uploads: new Semaphore(pushesInFlight) };
    const onBroken = (error: unknown) => this.#over.abort(error);
    this.#links = new SpaceLinks(parts, options.spaces, this.#signal, onBroken);
  }

  /** Rejects with what ended it. */
  async run(): Promise<void> {
    const { peer, pokes } = this.#options;
    const unsubscribe = pokes.subscribe((space) => {
      if (this.upSince !== undefined) this.#links.bring(space);
    });
    try {
      for await (const event of peer.events(this.#signal)) {
        this.#up();
        if (event) this.#links.look(event.space);
        else this.#links.refresh();
      }
    } finally {
      unsubscribe();
      this.#over.abort(new Error('connection ended'));
      await this.#links.ended();
    }
  }

  #up(): void {
    if (this.upSince !== undefined) return;
    const { clock, emit, peer, url } = this.#options;
    this.upSince = clock.monotonic();
    emit({ type: 'peer.up', peer: peer.node, url });
  }
}
