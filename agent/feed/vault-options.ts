/** What a vault keeps, and what it leaves of the disk. */
import type { Emit } from '#agent/core/event.ts';
import { type Clock, systemClock } from '#agent/sys/clock.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import type { WaitingLimits } from './waiting-copies.ts';

export interface VaultOptions {
  readonly emit: Emit;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Bytes free where a path is. */
  readonly free: (path: string) => Promise<number>;
  /** `waiting`: of an agent, which uses what it was brought. */
  readonly keeps: 'all' | 'waiting';
}

export const usual: VaultOptions = {
  emit: () => undefined,
  clock: systemClock,
  free: (path) => nodeDisk.free(path),
  keeps: 'all',
};
const MiB = 1024 * 1024;
/** Left free for the database, the audit log and what is being received. */
export const reserveBytes = 64 * MiB;
/** What one member may have lying here unused: a part of what is free. */
export const waitingFor = (free: number): WaitingLimits => ({
  bytes: Math.max(8 * MiB, Math.min(free, 2 ** 40) / 20),
  copies: 100_000,
  ageMs: 24 * 3_600_000,
});
