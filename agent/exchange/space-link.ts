/**
 * One space over one connection: a loop that looks and fetches, and a loop that brings. They run side by side, so that
 * a long backlog in one direction does not hold up the other, and no space holds up another.
 */
import { asFault, type DongboError, isCode, isFatal } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Random } from '#agent/sys/random.ts';
import { Backoff } from './backoff.ts';
import type { LinkTimes } from './link-times.ts';
import type { HeadsReply } from './peer.ts';
import { pullSpace } from './space-pull.ts';
import { type PushParts, SpacePush } from './space-push.ts';
import { returnFeeds } from './space-return.ts';
import { Wake } from './wake.ts';

export interface SpaceLinkParts extends PushParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  readonly times: LinkTimes;
}

export class SpaceLink {
  readonly #parts: SpaceLinkParts;
  readonly #space: SpaceId;
  readonly #push: SpacePush;
  readonly #lookWake = new Wake();
  readonly #pushWake = new Wake();

  constructor(parts: SpaceLinkParts, space: SpaceId) {
    this.#parts = parts;
    this.#space = space;
    this.#push = new SpacePush(parts, space);
  }

  /** The peer has something new. */
  look(): void {
    this.#lookWake.poke();
  }

  /** This node has something new. */
  bring(): void {
    this.#pushWake.poke();
  }

  /** Runs until aborted. Rejects only when the state cannot be written any more. */
  async run(signal: AbortSignal): Promise<void> {
    this.look();
    await Promise.all([
      this.#loop(this.#lookWake, () => this.#look(signal), signal),
      this.#loop(this.#pushWake, () => this.#bring(signal), signal),
    ]);
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { peer, local } = this.#parts;
    this.#push.lookBegins();
    const told = await peer.heads(this.#space, signal, await local.auditWords(peer.node));
    const reply = await local.peerHolds(this.#space, peer.node, told);
    this.#push.noteReply(reply);
    this.bring();
    await this.#fetch(reply, signal);
  }

  async #fetch(reply: HeadsReply, signal: AbortSignal): Promise<void> {
    let failure: unknown;
    try {
      await pullSpace(this.#parts, this.#space, reply, signal);
    } catch (error) {
      signal.throwIfAborted();
      failure = asFault(error);
    }
    const forked = isCode(failure, 'FEED_FORK');
    await returnFeeds(this.#parts, this.#space, reply, { forked, signal });
    if (failure !== undefined) throw failure;
  }

  /** After a failure what the peer holds is not known any more: ask before the next try. */
  async #bring(signal: AbortSignal): Promise<void> {
    try {
      await this.#push.run(signal, () => this.#pushWake.isPoked);
    } catch (error) {
      this.look();
      throw error;
    }
  }

  async #loop(wake: Wake, step: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, random, times } = this.#parts;
    const backoff = new Backoff(times, random);
    const streak = new Streak(
      (error) => this.#tell(error),
      () => this.#well(),
    );
    while (!signal.aborted) {
      try {
        await wake.wait(times.lookMs, clock, signal);
        await step();
        backoff.succeeded();
        streak.ended();
      } catch (error) {
        if (signal.aborted) return;
        if (isFatal(error)) throw error;
        streak.failed(asFault(error));
        await clock.sleep(backoff.failed(), signal).catch(() => {});
        wake.poke();
      }
    }
  }

  #well(): void {
    const { emit, peer } = this.#parts;
    emit({ type: 'exchange.well', peer: peer.node, space: this.#space });
  }

  #tell({ code, details }: DongboError): void {
    const { emit, peer } = this.#parts;
    emit({ type: 'error', code, details: { ...details, space: this.#space, peer: peer.node } });
  }
}

/** Tells each kind of failure once until there is success again; what may pass by itself, when it comes back. */
class Streak {
  readonly #tell: (error: DongboError) => void;
  readonly #well: () => void;
  #code: string | undefined;
  #count = 0;

  constructor(tell: (error: DongboError) => void, well: () => void) {
    this.#tell = tell;
    this.#well = well;
  }

  failed(error: DongboError): void {
    this.#count = error.code === this.#code ? this.#count + 1 : 1;
    this.#code = error.code;
    if (this.#count === (error.retry === 'later' ? 2 : 1)) this.#tell(error);
  }

  ended(): void {
    if (this.#code !== undefined) this.#well();
    this.#code = undefined;
    this.#count = 0;
  }
}
