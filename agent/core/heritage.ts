/**
 * What a member published stays when the member leaves: its records were agreed to. But nobody grants their keys to new
 * members any more, or brings them to who has lost them. So a member that stays publishes them as its own, deletes too,
 * and from then on nothing rests on the feed of who has left. Pure.
 */
import { actorOf } from './actor.ts';
import { type Agreement, withRole } from './agreement.ts';
import { takesPart } from './agreement-policy.ts';
import type { NodeId, Origin } from './ids.ts';
import type { RemoteRecord, Row } from './item.ts';
import { standing, withAgreed } from './merge.ts';
import { type Action, isAtRest, type Planner, planItem, restate } from './plan.ts';
import { boundVersion, mergeVersions } from './version.ts';

/** Who publishes what a member left, the first one first: each has read it, and may write. */
export const heirsOf = (agreement: Agreement, now: number): readonly NodeId[] =>
  agreement.masterOwner === undefined
    ? withRole(agreement, 'publish')
        .filter((m) => m.roles.includes('subscribe') && takesPart(m, now))
        .map(({ card }) => card.node)
    : [];

const leftBehind = (row: Row, me: Planner): readonly RemoteRecord[] => {
  const { publishers } = me;
  if (publishers === undefined) return [];
  // Nobody but this node knows which of its lives are over; it cannot grant their keys any more either.
  const isOver = ({ node, incarnation }: Origin): boolean =>
    !publishers.has(node) || (node === me.node && incarnation !== me.incarnation);
  return standing(withAgreed(row.remote, row.agreed)).filter(({ author }) => isOver(author));
};

const isMine = (records: readonly RemoteRecord[], me: Planner): boolean =>
  me.inherits === 'all' || (me.inherits === 'own' && records.every(({ author }) => author.node === me.node));

/** Whether a record of a member that has left still stands at this path. */
export const isLeftBehind = (row: Row, me: Planner): boolean => leftBehind(row, me).length > 0;

/**
 * The record of this node that takes the place of those; undefined where there is none to be made: what is on the disk
 * must be what stands.
 */
export function inherit(row: Row, me: Planner): Extract<Action, { do: 'publish' }> | undefined {
  const before = leftBehind(row, me);
  if (!isMine(before, me) || before.length === 0 || row.local?.held || !isSettled(row, me)) return undefined;
  const action = restate(row, row.local?.state ?? { kind: 'gone' }, me);
  const all = before.reduce((known, r) => mergeVersions(known, r.version), action.version);
  const version = boundVersion(all, () => [me, ...before.map(({ author }) => author)].map(actorOf));
  return { ...action, version, agreed: { ...action.agreed, version } };
}

/** Whether it is for this node to publish the item anew, as the index has it. */
export const isToBeInherited = (row: Row, me: Planner): boolean =>
  isLeftBehind(row, me) && isMine(leftBehind(row, me), me) && isAtRest(planItem(row, me));

const isSettled = (row: Row, me: Planner): boolean => ['nothing', 'adopt'].includes(planItem(row, me).do);
