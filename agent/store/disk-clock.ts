/**
 * The time by the disk's own clock, as coarse as its time stamps are: whole seconds on many disks and file servers, two on
 * FAT, and a server's clock is not ours. Two writes within one tick leave the same time stamps. So a file of our own
 * folder is written and looked at: what stood with an older stamp before a read cannot change unseen after it.
 */
import type { DiskFacts } from '#agent/core/item.ts';
import { privateFolder } from '#agent/core/path.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { diskErrno } from './disk-errno.ts';

/** What the disk stamps at one moment. */
export type Stamp = Pick<DiskFacts, 'ctimeNs' | 'mtimeNs'>;

/** A stamp is asked for again after this long, even for old files: the clock of the disk may have been set. */
const freshMs = 2_000;
/** Coarser than any that is met (FAT): where the disk takes no file of ours, our own clock must do. */
const coarsestMs = 2_000;
const far = 5_000_000_000n;

/** Whether a write after the moment of `stamp` leaves other facts than these. */
export const isPast = ({ ctimeNs, mtimeNs }: Stamp, stamp: Stamp): boolean =>
  mtimeNs !== stamp.mtimeNs && (ctimeNs < stamp.ctimeNs || ctimeNs > stamp.ctimeNs + far);

export class DiskClock {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #file: string;
  #last: { readonly stamp: Stamp; readonly at: number } | undefined;
  #asking: Promise<Stamp> | undefined;

  constructor(disk: Disk, clock: Clock, root: string) {
    this.#disk = disk;
    this.#clock = clock;
    this.#file = `${root}/${privateFolder}/clock`;
  }

  /** Of now, or of a moment before that is past `facts` already. */
  async stamp(facts: DiskFacts): Promise<Stamp> {
    const { stamp, at } = this.#last ?? {};
    if (stamp && at !== undefined && this.#clock.monotonic() - at < freshMs && isPast(facts, stamp))
      return stamp;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<Stamp> {
    const at = this.#clock.monotonic();
    const stamp = await this.#written();
    this.#last = { stamp, at };
    return stamp;
  }

  async #written(): Promise<Stamp> {
    try {
      await using file = await this.#disk.openWrite(this.#file);
      await file.write(Uint8Array.of(0), 0);
      const { ctimeNs, mtimeNs } = await file.stat();
      return { ctimeNs, mtimeNs };
    } catch (error) {
      if (diskErrno(error) === undefined) throw error;
      const now = BigInt(Math.floor(this.#clock.now()) - coarsestMs) * 1_000_000n;
      return { ctimeNs: now, mtimeNs: now };
    }
  }
}
