/** Whether this node holds all that the peers which are there hold: what it says then is said in knowledge of theirs. */
import { memberOf } from '#agent/core/agreement.ts';
import { type NodeId, type Origin, originKey, parseOriginKey } from '#agent/core/ids.ts';
import type { Acceptor } from './accept.ts';
import type { NodeSpace } from './node-space.ts';
import type { PeerBook } from './peer-book.ts';

export async function isCaughtUp(own: NodeSpace, peers: PeerBook): Promise<boolean> {
  const { space, state, origin: mine } = own;
  const isThere = (node: NodeId): boolean => node !== mine.node && peers.connected(node);
  const there = own.agreement().members.flatMap(({ card }) => (isThere(card.node) ? [card.node] : []));
  if (there.length === 0 || !there.every((node) => peers.compared(node, space))) return false;
  // Who only publishes is brought no feeds.
  const roles = memberOf(own.agreement(), mine.node)?.roles ?? [];
  if (roles.every((role) => role === 'publish')) return true;
  for (const [feed, seq] of peers.heardOf(space)) {
    if (feed === originKey(mine)) continue;
    const origin = parseOriginKey(feed);
    const held = (await state.position(origin))?.seq ?? 0;
    if (held < seq && held < (await endHere(own.acceptor, origin))) return false;
  }
  return true;
}

/** How far a feed is to be taken: some peers keep more of who has left, and more lives of a node, than this node takes. */
export async function endHere(acceptor: Acceptor, origin: Origin): Promise<number> {
  if (!(await acceptor.mayHold(origin))) return 0;
  return (await acceptor.endOf(origin))?.seq ?? Number.POSITIVE_INFINITY;
}
