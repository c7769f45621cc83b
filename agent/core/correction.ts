/**
 * A space with one master owner (R36): only its records become versions. What another member changes is a proposed
 * correction: a record of its own feed that nobody merges, shown to the owner, who decides. Pure.
 */
import { actorOf, countOf } from './actor.ts';
import { originalOf } from './conflict-name.ts';
import type { NodeId, Origin } from './ids.ts';
import {
  type ItemChange,
  type ItemState,
  type RemoteRecord,
  type RemoteState,
  type Row,
  sameState,
} from './item.ts';
import { mergeRemote, standing, withAgreed } from './merge.ts';
import { isAtRest, type Planner, planItem } from './plan.ts';
import { bumpVersion, mergeVersions, type Version } from './version.ts';

const gone: ItemState = { kind: 'gone' };

/** Whether a record of `author` is a proposal, not a version. */
export const isProposalOf = (author: Pick<Origin, 'node'>, masterOwner: NodeId | undefined): boolean =>
  masterOwner !== undefined && author.node !== masterOwner;

/**
 * The proposal that a local edit calls for; undefined when there is none. Folders are not proposed, they come with what
 * is in them; nor are conflict copies: they are what is left of an edit that was decided on.
 */
export function proposal(path: string, row: Row, me: Planner): ItemChange | undefined {
  if (!me.proposes || row.local === undefined || row.local.held || !isAtRest(planItem(row, me)))
    return undefined;
  const { state: local, content } = row.local;
  const agreed = row.agreed?.state ?? gone;
  const kinds = [local.kind, agreed.kind];
  if (sameState(local, agreed) || kinds.includes('dir') || originalOf(path) !== undefined) return undefined;
  if (local.kind === 'file' && !content) return undefined;
  const known = mergeVersions(row.agreed?.version ?? [], row.remote?.seen ?? []);
  const version = bumpVersion(known, actorOf(me));
  return { path, state: local, version, ...(local.kind === 'file' && content ? { content } : {}) };
}

/** A proposal as it is held by the owner. */
export type Proposed = RemoteRecord;

/**
 * The row once its owner has decided: what stands from now on knows of the proposal, and is to be published by the owner
 * (`isToBeOwned`). Accepted, it is what was proposed; refused, what stood before, again.
 */
export function decided(row: Row, proposed: Proposed, accept: boolean): Row {
  const remote = withAgreed(row.remote, row.agreed);
  const [winner] = standing(remote);
  const actor = actorOf(proposed.author);
  // What the proposal says it knows is not believed: it could wind up the owner's own counter.
  const known = standing(remote).reduce<Version>((v, r) => mergeVersions(v, r.version), []);
  const version = mergeVersions(known, [[actor, countOf(remote?.seen ?? [], actor) + 1]]);
  const stays = { state: winner?.state ?? gone, ...(winner?.content ? { content: winner.content } : {}) };
  const { state, content, author, epoch, seq } = proposed;
  const what = accept ? { state, ...(content ? { content } : {}) } : stays;
  const next: RemoteState | undefined = mergeRemote(
    remote,
    { ...what, version, author, epoch, seq },
    row.agreed,
  );
  return { ...row, ...(next ? { remote: next } : {}) };
}

/** Whether the owner has decided and holds the outcome, and has yet to publish it as its own version. */
export const isToBeOwned = (row: Row, me: Planner): boolean =>
  me.masterOwner === me.node &&
  row.remote !== undefined &&
  row.remote.author.node !== me.node &&
  isAtRest(planItem(row, me));
