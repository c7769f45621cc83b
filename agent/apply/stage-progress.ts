/** How far a stage file has come. Kept between runs of one process, so that waiting for a chunk costs no re-reading. */
import { createHash } from 'node:crypto';
import type { ChunkRef } from '#agent/core/item.ts';
import type { DiskFile, DiskStat } from '#agent/sys/disk.ts';
import { RefLog } from './ref-log.ts';

export class StageProgress {
  /** Bytes at the start of the stage file whose chunks have their ids. */
  offset = 0;
  readonly refs = new RefLog();
  #hash = createHash('sha256');
  /** Size of what an earlier run left; undefined once it is verified as far as it holds. */
  #left: number | undefined;
  /** Whether a write has not ended well, so that `offset` may be ahead of the file. */
  #torn = false;
  /** The stage file as this process left it. */
  #paused: DiskStat | undefined;

  /** Bytes beyond `offset` that an earlier run left and that are still to be verified. */
  get toVerify(): number {
    return this.#left === undefined ? 0 : this.#left - this.offset;
  }

  /** Whether `stat` is the file as it was left; if not, a new progress has to verify it from the start. */
  fits(stat: DiskStat | undefined): boolean {
    const p = this.#paused;
    return !!p && !!stat && stat.ino === p.ino && stat.size === p.size && stat.ctimeNs === p.ctimeNs;
  }

  async begin(file: DiskFile): Promise<void> {
    if (!this.#paused) this.#left = (await file.stat()).size;
  }

  async pause(file: DiskFile): Promise<void> {
    this.#paused = this.#torn ? undefined : await file.stat();
  }

  /**
   * Takes `pieces`, those of the first of `refs`, which `writing` brings into the file meanwhile. If that fails, what is
   * in the file is verified from its start by the next run.
   */
  async written(
    refs: readonly ChunkRef[],
    pieces: readonly Uint8Array[],
    writing: Promise<void>,
  ): Promise<void> {
    this.#torn = true;
    for (const [i, bytes] of pieces.entries()) {
      const ref = refs[i];
      if (ref) this.verified(ref, bytes);
    }
    await writing;
    this.#torn = false;
  }

  verified(ref: ChunkRef, bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.refs.add(ref);
    this.offset += bytes.length;
  }

  /** Cuts off what did not hold. */
  async endVerify(file: DiskFile): Promise<void> {
    if (this.#left === undefined) return;
    this.#left = undefined;
    await file.truncate(this.offset);
  }

  /** SHA-256 of all that was written, hex. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
