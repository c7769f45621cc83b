/** Waits for what a daemon shows of its space. */
import type { Snapshot } from '#agent/status/snapshot.ts';
import type { Pair } from './pair.ts';

export type Space = Snapshot['spaces'][number];

export async function untilSpace(pair: Pair, what: string, holds: (space: Space) => boolean): Promise<Space> {
  let space: Space | undefined;
  const shown = async () => {
    space = (await pair.daemon.status())?.spaces[0];
    return space !== undefined && holds(space);
  };
  await pair.until(what, shown, () => JSON.stringify(space));
  if (!space) throw new Error('no space');
  return space;
}
