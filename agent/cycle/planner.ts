/** How this node plans under an agreement. */
import { type Agreement, memberOf } from '#agent/core/agreement.ts';
import type { Origin } from '#agent/core/ids.ts';
import type { Planner } from '#agent/core/plan.ts';

/** `origin` is this node's feed in its present life. */
export function plannerOf(agreement: Agreement, { node, incarnation }: Origin): Planner {
  const publishes = memberOf(agreement, node)?.roles.includes('publish') ?? false;
  return { node, incarnation, publishes };
}
