/** Whether this node holds all that the peers which are there hold: what it says then is said in knowledge of theirs. */
import { type NodeId, originKey, parseOriginKey } from '#agent/core/ids.ts';
import type { NodeSpace } from './node-space.ts';
import type { PeerBook } from './peer-book.ts';

export async function isCaughtUp(own: NodeSpace, peers: PeerBook): Promise<boolean> {
  const { space, state, origin: mine } = own;
  const isThere = (node: NodeId): boolean => node !== mine.node && peers.connected(node);
  const there = own.agreement().members.flatMap(({ card }) => (isThere(card.node) ? [card.node] : []));
  if (there.length === 0 || !there.every((node) => peers.compared(node, space))) return false;
  for (const [feed, seq] of peers.heardOf(space)) {
    if (feed === originKey(mine)) continue;
    const held = (await state.position(parseOriginKey(feed)))?.seq ?? 0;
    if (held < seq) return false;
  }
  return true;
}
