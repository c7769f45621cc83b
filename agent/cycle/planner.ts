/** How this node plans under an agreement. */
import { type Agreement, memberOf, withRole } from '#agent/core/agreement.ts';
import { isProposalOf, isToBeOwned } from '#agent/core/correction.ts';
import { inherit } from '#agent/core/heritage.ts';
import type { Origin } from '#agent/core/ids.ts';
import type { Row } from '#agent/core/item.ts';
import { type Action, type Planner, planItem, republish } from '#agent/core/plan.ts';
import type { LabelGate } from './label-gate.ts';

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

/** What is published and unchanged is published again when its label has been raised. */
export async function planOf(
  path: string,
  row: Row,
  { me, labels, isDue }: { me: Planner; labels: Pick<LabelGate, 'isRaised'>; isDue: boolean },
): Promise<Action> {
  const action = planItem(row, me);
  const kind = row.local?.state.kind;
  if ((action.do !== 'nothing' && action.do !== 'adopt') || !kind || kind === 'gone') return action;
  const inherited = inherit(row, me);
  if (inherited) return inherited;
  const again = isDue || isToBeOwned(row, me) || (await labels.isRaised(path, kind, row));
  return again ? (republish(row, me) ?? action) : action;
}
