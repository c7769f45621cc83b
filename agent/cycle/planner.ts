/** How this node plans under an agreement. */
import { type Agreement, memberOf, withRole } from '#agent/core/agreement.ts';
import { isProposalOf } from '#agent/core/correction.ts';
import type { Origin } from '#agent/core/ids.ts';
import type { Planner } from '#agent/core/plan.ts';

/** `origin` is this node's feed in its present life. */
export function plannerOf(agreement: Agreement, { node, incarnation }: Origin): Planner {
  const writes = memberOf(agreement, node)?.roles.includes('publish') ?? false;
  const { masterOwner } = agreement;
  const me = { node, incarnation };
  const publishers = new Set(withRole(agreement, 'publish').map(({ card }) => card.node));
  if (masterOwner === undefined) return { ...me, publishes: writes, publishers };
  const proposes = writes && isProposalOf(me, masterOwner);
  return { ...me, publishes: writes && !proposes, masterOwner, proposes };
}
