/**
 * How many feeds one node may have in a space. Each restore from an old image begins one; a member that began them
 * without end would fill every node's state, and the replies that name all feeds.
 */
import { type Agreement, withRole } from '#agent/core/agreement.ts';
import type { NodeId } from '#agent/core/ids.ts';
import type { Head, Receipt } from '#agent/core/segment.ts';
import { maxFeeds, maxReceiptsInReply } from '#agent/exchange/limits.ts';

const mostLives = 64;

/** All that the agreement's publishers may have fit into one reply; with as many members as there may be, 4 each. */
export const livesOf = (agreement: Agreement): number =>
  Math.min(mostLives, Math.floor(maxFeeds / Math.max(1, withRole(agreement, 'publish').length)));

const newestFirst = (a: { readonly time: number }, b: { readonly time: number }): number => b.time - a.time;

/**
 * What a reply has room for. More is held only of nodes that are no publishers any more, or when the agreement has
 * grown: then a node's latest lives are named.
 */
export function headsToTell(heads: readonly Head[], agreement: Agreement): readonly Head[] {
  if (heads.length <= maxFeeds) return heads;
  const most = livesOf(agreement);
  const publishers = new Set(withRole(agreement, 'publish').map(({ card }) => card.node));
  const told = new Map<NodeId, number>();
  return heads.toSorted(newestFirst).filter(({ origin: { node } }) => {
    const count = (told.get(node) ?? 0) + 1;
    told.set(node, count);
    return count <= most && publishers.has(node);
  });
}

export const receiptsToTell = (receipts: readonly Receipt[]): readonly Receipt[] =>
  receipts.length <= maxReceiptsInReply
    ? receipts
    : receipts.toSorted(newestFirst).slice(0, maxReceiptsInReply);
