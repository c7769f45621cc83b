/**
 * What to do about one path, from its three trees. Pure and total; each answer depends on the row alone, so the order
 * of paths and of arrivals does not matter, and doing it leads to 'nothing'.
 */
import { actorOf, countOf } from './actor.ts';
import type { NodeId, Origin } from './ids.ts';
import {
  type AgreedState,
  type ItemState,
  type RemoteRecord,
  type RemoteState,
  type Row,
  sameContent,
  sameState,
} from './item.ts';
import { knows, standing, withAgreed } from './merge.ts';
import { boundVersion, bumpVersion, compareVersions, mergeVersions, type Version } from './version.ts';
import { agreedGone, type Fate, fateOf } from './withdraw.ts';

/** Who plans: this node's feed in its present life, and whether the agreement lets it publish. */
export interface Planner extends Origin {
  readonly publishes: boolean;
  /** The member whose records alone are versions here (R36); absent where every publisher's are. */
  readonly masterOwner?: NodeId;
  /** Whether this node's edits become proposals to the master owner. */
  readonly proposes?: boolean;
  /** Whose records count from now on; absent where that is the master owner alone. What others wrote still stands. */
  readonly publishers?: ReadonlySet<NodeId>;
  /** Whether it is time to publish anew what lies in feeds that end: of this node's own, or of others too (`core/heritage.ts`). */
  readonly inherits?: 'own' | 'all';
}

/** `agreed` is what the row's agreed tree must be once the action is done (`core/settle.ts` does that). */
export type Action =
  | { readonly do: 'nothing' }
  /** A local edit that this node may not publish: it stays until the next record of the item comes. */
  | { readonly do: 'stay' }
  /** A local edit: publish it under `version`. */
  | {
      readonly do: 'publish';
      readonly state: ItemState;
      readonly version: Version;
      readonly agreed: AgreedState;
    }
  /** Disk and feeds say the same: only note it. */
  | { readonly do: 'adopt'; readonly version: Version; readonly agreed: AgreedState }
  /** Write `remote`. `keep` is what happens to what is there: a conflict copy is published as an item of its own. */
  | {
      readonly do: 'apply';
      readonly remote: RemoteState;
      readonly agreed: AgreedState;
      readonly replaces: 'nothing' | 'file' | 'dir' | 'link';
      readonly keep: 'none' | 'trash' | 'conflict';
    }
  | {
      readonly do: 'delete';
      readonly remote: RemoteState;
      readonly agreed: AgreedState;
      readonly keep: 'trash';
    }
  /** What an author has sent of the item may not be here any more. `agreed` is absent where the copy stays. */
  | { readonly do: 'withdraw'; readonly fate: Fate; readonly agreed?: AgreedState };

const gone: ItemState = { kind: 'gone' };

/** Whether the row waits for nothing. */
export const isAtRest = (action: Action): boolean => action.do === 'nothing' || action.do === 'stay';

/** Before all else: what is withdrawn is no basis for anything. */
export function planItem(row: Row, me: Planner): Action {
  const fate = fateOf(row, me);
  if (fate === undefined) return planTrees(row, me);
  const agreed = agreedGone(row);
  return fate === 'leave' || !agreed ? { do: 'withdraw', fate } : { do: 'withdraw', fate, agreed };
}

function planTrees(row: Row, me: Planner): Action {
  const remote = withAgreed(row.remote, row.agreed);
  const winner = standing(remote)[0];
  const { local, agreed } = statesOf(row);
  if (!sameState(local, agreed)) {
    if (winner !== undefined && sameState(local, winner.state)) return adopt(row, remote, winner, me);
    const gives = winner && (isVain(local, agreed, winner.state) || isBaseless(row, local, winner, me));
    if (remote && gives) return replace(row, remote, local, me);
    return me.publishes ? publish(row, remote, local, me) : planUnshared(row, { local, agreed }, me);
  }
  if (remote === undefined || winner === undefined) return { do: 'nothing' };
  if (!sameState(agreed, winner.state)) return replace(row, remote, local, me);
  return adopt(row, remote, winner, me);
}

/** What is on the disk, and what it is held against. At an interim directory any mode, and a delete, is as agreed. */
function statesOf({ local, agreed }: Row): { readonly local: ItemState; readonly agreed: ItemState } {
  if (!agreed?.interim)
    return { local: local?.state ?? agreed?.state ?? gone, agreed: agreed?.state ?? gone };
  const there = local?.state ?? gone;
  return { local: there, agreed: there.kind === 'dir' || there.kind === 'gone' ? there : agreed.state };
}

/**
 * A local edit at a member that may not publish. It is nobody's but this node's, so the next record of the item takes
 * its place, and content that is only here is kept beside. A delete takes no place: the edit stays where it is.
 */
function planUnshared(
  row: Row,
  { local, agreed }: { readonly local: ItemState; readonly agreed: ItemState },
  me: Planner,
): Action {
  const remote = withAgreed(row.remote, row.agreed);
  const winner = standing(remote)[0];
  if (!remote || !winner) return { do: 'stay' };
  // What stands in the place of a directory would keep everything in it away.
  const inTheWay = agreed.kind === 'dir' && local.kind !== 'gone' && local.kind !== 'dir';
  if (sameState(winner.state, agreed) && !inTheWay && !isAnswered(row, winner, me)) return { do: 'stay' };
  if (winner.state.kind === 'gone' && !sameContent(local, agreed)) return adopt(row, remote, winner, me);
  return replace(row, remote, local, me);
}

/** The owner's version knows of a proposal of this node that the agreed one did not: that is its answer. */
const isAnswered = (row: Row, winner: RemoteRecord, me: Planner): boolean =>
  me.proposes === true &&
  countOf(winner.version, actorOf(me)) > countOf(row.agreed?.version ?? [], actorOf(me));

/** A local change that is not worth telling, since the record that is still to be written stands anyhow. */
const isVain = (local: ItemState, agreed: ItemState, winner: ItemState): boolean =>
  isVainDelete(local, agreed, winner) || isSameDir(local, agreed, winner);

/**
 * Who made the same directory as others did says nothing about its mode. And it may be our own, made while its record
 * was applied, with a crash before the index knew.
 */
const isSameDir = (local: ItemState, agreed: ItemState, winner: ItemState): boolean =>
  local.kind === 'dir' && agreed.kind !== 'dir' && winner.kind === 'dir';

/**
 * An edit beats a delete, so one that meets an edit that is still to be written is not worth telling. And it may be
 * none: writing over an item can move the old one aside first, and a crash then leaves nothing in its place.
 */
const isVainDelete = (local: ItemState, agreed: ItemState, winner: ItemState): boolean =>
  local.kind === 'gone' && winner.kind !== 'gone' && !sameState(agreed, winner);

/**
 * What stands on the disk was never agreed to here, or the node has forgotten what it once published itself: a new
 * index over an old folder, a restored image. It may be older than what others have, so it does not compete with that
 * for the name, and is kept beside. A directory does: what is in it needs its place.
 */
function isBaseless(row: Row, local: ItemState, winner: RemoteRecord | undefined, me: Origin): boolean {
  if (!winner || winner.state.kind === 'gone' || local.kind === 'gone' || local.kind === 'dir') return false;
  if (!row.agreed) return true;
  const { node, incarnation } = winner.author;
  return node === me.node && incarnation !== me.incarnation && !knows(row.agreed.version, winner);
}

/** The local edit knows what was on the disk before it, and what its author has published before. */
function publish(
  row: Row,
  remote: RemoteState | undefined,
  state: ItemState,
  me: Planner,
): Extract<Action, { do: 'publish' }> {
  const { node, incarnation } = me;
  const actor = actorOf(me);
  const known = knownBase(row.agreed?.version ?? [], row.agreed?.state ?? gone, remote);
  const mine = countOf(remote?.seen ?? [], actor);
  const base = mine > 0 ? mergeVersions(known, [[actor, mine]]) : known;
  const version = bounded(bumpVersion(base, actor), remote, me);
  return { do: 'publish', state, version, agreed: { state, version, author: { node, incarnation } } };
}

/** Says what is published once more, under another seal. Undefined when there is nothing on the disk to say. */
export function republish(row: Row, me: Planner): Extract<Action, { do: 'publish' }> | undefined {
  const state = row.local?.state;
  if (!state || state.kind === 'gone') return undefined;
  return restate(row, state, me);
}

/** Says `state`, which stands, once more and as this node's own. */
export const restate = (row: Row, state: ItemState, me: Planner): Extract<Action, { do: 'publish' }> =>
  publish(row, withAgreed(row.remote, row.agreed), state, me);

const isEqual = (a: Version, b: Version): boolean => compareVersions(a, b) === 'equal';

function adopt(row: Row, remote: RemoteState | undefined, winner: RemoteRecord, me: Origin): Action {
  const { state, author } = winner;
  const all = knownBase(mergeVersions(row.agreed?.version ?? [], winner.version), state, remote);
  const version = bounded(all, remote, me);
  const { agreed } = row;
  const noted =
    agreed && !agreed.interim && sameState(agreed.state, state) && isEqual(agreed.version, version);
  return noted ? { do: 'nothing' } : { do: 'adopt', version, agreed: { state, version, author } };
}

/**
 * Nothing is lost by taking note of records that say the same as `state`, or of deletes: a later edit or delete of
 * what is on the disk is meant against those too.
 */
function knownBase(version: Version, state: ItemState, remote: RemoteState | undefined): Version {
  const same = standing(remote).filter((r) => r.state.kind === 'gone' || sameContent(r.state, state));
  return same.reduce((all, record) => mergeVersions(all, record.version), version);
}

/** Actors that never were could fill a version: the counts of who has a record here, and our own, stay in it. */
const bounded = (v: Version, remote: RemoteState | undefined, me: Origin): Version =>
  boundVersion(v, () => [actorOf(me), ...standing(remote).map(({ author }) => actorOf(author))]);

function replace(row: Row, remote: RemoteState, local: ItemState, me: Planner): Action {
  const { state, author } = remote;
  const all = knownBase(mergeVersions(row.agreed?.version ?? [], remote.version), state, remote);
  const version = bounded(all, remote, me);
  const agreed = { state, version, author };
  const replaces = local.kind === 'gone' ? 'nothing' : local.kind;
  if (state.kind === 'gone') return { do: 'delete', remote, agreed, keep: 'trash' };
  return { do: 'apply', remote, agreed, replaces, keep: keepFor(row, remote, local, me) };
}

/** Exactly the author of a losing edit keeps it beside, published or not, if it still can; others trash it. */
function keepFor(
  row: Row,
  winner: RemoteState,
  local: ItemState,
  me: Planner,
): 'none' | 'trash' | 'conflict' {
  // What a power cut left is no edit: it is kept in the trash, and no copy of it is published.
  if (row.local?.held) return 'trash';
  if (local.kind === 'gone' || local.kind === 'dir' || sameContent(local, winner.state)) return 'none';
  // Nobody else has it.
  if (!sameContent(local, row.agreed?.state ?? gone)) return 'conflict';
  const lost = (winner.rivals ?? []).filter((r) => sameContent(r.state, local));
  const keeps = lost.some((r) => r.author.node === me.node || isForgotten(r, winner, me));
  return keeps ? 'conflict' : 'trash';
}

/**
 * Its author has left and keeps nothing here, or has written beside it in another life: restored from an old image, it
 * may have it no more.
 */
const isForgotten = (r: RemoteRecord, winner: RemoteState, { publishers }: Planner): boolean =>
  publishers?.has(r.author.node) === false ||
  standing(winner).some(
    ({ author }) => author.node === r.author.node && author.incarnation !== r.author.incarnation,
  );

/**
 * The version under which to withdraw an edit of this node that lost and now lives on as a conflict copy; undefined
 * when there is none. Until it is withdrawn it would come back when the winner is deleted. Publish after the copy.
 */
export function dueYield(row: Row, me: Planner): Version | undefined {
  const { agreed } = row;
  const remote = withAgreed(row.remote, agreed);
  if (!agreed || !remote || agreed.state.kind === 'gone' || planItem(row, me).do !== 'nothing')
    return undefined;
  const actor = actorOf(me);
  const mine = (remote.rivals ?? []).filter((r) => r.author.node === me.node);
  // A yield counts on from this life's last record; were that the winner, it would be withdrawn with the loser.
  if (actorOf(remote.author) === actor || !mine.some((r) => isLost(r, agreed))) return undefined;
  const withdrawn = mine.filter((r) => isLost(r, agreed) || actorOf(r.author) === actor);
  const mineSoFar = Math.max(countOf(remote.seen, actor), countOf(agreed.version, actor));
  const after: Version = [[actor, mineSoFar + 1]];
  const version = withdrawn.reduce((all, r) => mergeVersions(all, r.version), after);
  return bounded(version, remote, me);
}

const isLost = (r: RemoteRecord, agreed: AgreedState): boolean =>
  r.state.kind !== 'gone' && !sameContent(r.state, agreed.state) && knows(agreed.version, r);
