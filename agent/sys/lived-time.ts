/**
 * Time that this node has lived through, kept over restarts. A wall clock may be years off for an hour; what is
 * destroyed, or believed again, because time has passed must not hang on it. Two things are kept: how long the node
 * has run, by a clock that no one sets, and a moment that is certainly over. That moment goes on at the pace of the
 * node's own running; it follows a wall clock that is ahead of it only when that has stood so for a night.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { DongboError } from '#agent/core/errors.ts';
import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';
import { writeFileDurable } from './durable.ts';
import { errnoCode } from './errno.ts';
import { nodeDisk } from './node-disk.ts';
import type { Random } from './random.ts';

/** Nights of a node: what is kept for so many days is kept for so many of these. */
export interface Nights {
  /** Changes when the count begins anew: with a new state directory. */
  readonly id: string;
  /** Whole days that the node has run since then, all its starts together. Never goes back. */
  count(): number;
}

export interface LivedParts {
  /** The state directory. */
  readonly state: string;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly random: Random;
}

/** A kill loses no more than this of what was lived. */
const keptEveryMs = 10 * 60_000;
/** As far as clocks of sound machines are corrected. */
const slackMs = 10 * 60_000;
const nightMs = 24 * 60 * 60_000;
const maxBytes = 4096;

const schema = z.strictObject({
  v: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{8}$/),
  /** Milliseconds. */
  lived: z.number().min(0),
  /** Milliseconds since the Unix epoch. */
  past: z.number().min(0),
  /** `lived` when the wall clock was first seen ahead of `past`, and has been ever since. */
  aheadSince: z.number().min(0).exactOptional(),
});

type Lived = z.output<typeof schema>;

export class LivedTime implements Nights, AsyncDisposable {
  /** The wall clock, never before what is certainly over: for whatever is trusted because of the time. */
  readonly clock: Clock;
  readonly #parts: LivedParts;
  #lived: Lived;
  #at: number;
  #keptAt: number;

  private constructor(parts: LivedParts, lived: Lived) {
    const { clock } = parts;
    this.#parts = parts;
    this.#lived = lived;
    this.#at = clock.monotonic();
    this.#keptAt = lived.lived;
    this.clock = {
      now: () => Math.max(clock.now(), Math.floor(this.#lived.past + clock.monotonic() - this.#at)),
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    };
  }

  /** Throws LIVED_TIME_DAMAGED: what was certain is not forgotten in silence. */
  static async open(parts: LivedParts): Promise<LivedTime> {
    const { clock, random } = parts;
    const found = await readLived(parts);
    const lived = new LivedTime(
      parts,
      found ?? { v: 1, id: random.bytes(4).toHex(), lived: 0, past: Math.max(0, clock.now()) },
    );
    if (!found) await lived.#keep();
    return lived;
  }

  get id(): string {
    return this.#lived.id;
  }

  count(): number {
    return Math.floor((this.#lived.lived + this.#parts.clock.monotonic() - this.#at) / nightMs);
  }

  /** Milliseconds that the wall clock is behind what is certainly over; undefined when it is not. */
  behind(): number | undefined {
    const ms = this.clock.now() - this.#parts.clock.now();
    return ms > slackMs ? ms : undefined;
  }

  /** A person has said that the wall clock is right. Durable on return. */
  async believe(): Promise<void> {
    this.#advance();
    const { aheadSince: _, ...lived } = this.#lived;
    this.#lived = { ...lived, past: Math.max(0, this.#parts.clock.now()) };
    await this.#keep();
  }

  /** To be called every few seconds; writes from time to time. */
  async tick(): Promise<void> {
    this.#advance();
    if (this.#lived.lived - this.#keptAt >= keptEveryMs) await this.#keep();
  }

  #advance(): void {
    const { clock } = this.#parts;
    const at = clock.monotonic();
    const lived = this.#lived.lived + at - this.#at;
    const past = this.#lived.past + at - this.#at;
    this.#at = at;
    const { aheadSince = lived, ...known } = this.#lived;
    const wall = clock.now();
    if (wall <= past + slackMs) this.#lived = { ...known, lived, past: Math.max(past, wall) };
    else if (lived - aheadSince >= nightMs) this.#lived = { ...known, lived, past: wall };
    else this.#lived = { ...known, lived, past, aheadSince };
  }

  async #keep(): Promise<void> {
    const { state, disk, random } = this.#parts;
    this.#keptAt = this.#lived.lived;
    const text = `${JSON.stringify(this.#lived)}\n`;
    await writeFileDurable(fileOf(state), Buffer.from(text, 'utf8'), { disk, random });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#advance();
    await this.#keep();
  }
}

const fileOf = (state: string): string => join(state, 'lived.json');

async function readLived({ state, disk }: Pick<LivedParts, 'state' | 'disk'>): Promise<Lived | undefined> {
  try {
    await using file = await disk.openRead(fileOf(state));
    const bytes = Buffer.alloc(maxBytes);
    return schema.parse(JSON.parse(bytes.subarray(0, await file.read(bytes, 0)).toString('utf8')));
  } catch (cause) {
    if (errnoCode(cause) === 'ENOENT') return undefined;
    const reason = errnoCode(cause) ?? 'it must have its fields';
    throw new DongboError('LIVED_TIME_DAMAGED', { file: fileOf(state), reason }, { cause });
  }
}

/**
 * For a command that runs beside the agent, or without it: `clock`, never before what the node of this state knows to
 * be over. Where no node has run yet there is nothing to know.
 */
export async function clockOf(state: string, clock: Clock, disk: Disk = nodeDisk): Promise<Clock> {
  const past = (await readLived({ state, disk }))?.past ?? 0;
  return {
    now: () => Math.max(clock.now(), Math.floor(past)),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}
