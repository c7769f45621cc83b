/** Waits for what a daemon shows of its space; a slow machine is not a failure. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Snapshot } from '#agent/status/snapshot.ts';
import type { Pair } from './pair.ts';

export type Space = Snapshot['spaces'][number];

export async function untilSpace(pair: Pair, what: string, holds: (space: Space) => boolean): Promise<Space> {
  const end = performance.now() + 25_000;
  for (;;) {
    const space = (await pair.daemon.status())?.spaces[0];
    if (space && holds(space)) return space;
    if (performance.now() > end) throw new Error(`${what}: ${JSON.stringify(space)}\n${await pair.log()}`);
    await delay(50);
  }
}
