/** What is known of the freshness of each author, in the database of the space: four numbers for each (R13). */
import { awaited, type Freshness } from '#agent/core/freshness.ts';
import { type NodeId, type Origin, originKey } from '#agent/core/ids.ts';
import type { SpaceBatch } from '#agent/feed/space-batch.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';

const cursorOf = (what: 'since' | 'synced' | 'seen' | 'stale', author: NodeId): string =>
  `fresh-${what}/${author}`;

/** The time of the head that this node's last receipt for the feed was about; 0 when there is none. */
export const ackedCursor = (origin: Origin): string => `fresh-acked/${originKey(origin)}`;

export async function readFreshness(
  state: SpaceState,
  author: NodeId,
  now: number,
): Promise<Freshness | undefined> {
  const since = await state.cursor(cursorOf('since', author));
  if (since === 0) return undefined;
  const synced = await state.cursor(cursorOf('synced', author));
  return {
    ...awaited(now),
    since,
    synced: synced === 0 ? undefined : synced,
    seen: Math.max(now, await state.cursor(cursorOf('seen', author))),
    stale: (await state.cursor(cursorOf('stale', author))) === 1,
  };
}

export function putFreshness(batch: SpaceBatch, author: NodeId, row: Freshness): void {
  batch.setCursor(cursorOf('since', author), row.since);
  batch.setCursor(cursorOf('synced', author), row.synced ?? 0);
  batch.setCursor(cursorOf('seen', author), Math.floor(row.seen));
  batch.setCursor(cursorOf('stale', author), row.stale ? 1 : 0);
}
