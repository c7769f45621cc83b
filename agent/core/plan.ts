/**
 * What to do about one path, from its three trees. Pure and total; each answer depends on the row alone, so the order
 * of paths and of arrivals does not matter, and doing it leads to 'nothing'.
 */
import { actorOf, countOf } from './actor.ts';
import type { Origin } from './ids.ts';
import {
  type AgreedState,
  type ItemState,
  type RemoteRecord,
  type RemoteState,
  type Row,
  sameContent,
  sameState,
} from './item.ts';
import { standing, withAgreed } from './merge.ts';
import { bumpVersion, compareVersions, mergeVersions, type Version } from './version.ts';

/** `agreed` is what the row's agreed tree must be once the action is done (`core/settle.ts` does that). */
export type Action =
  | { readonly do: 'nothing' }
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
    };

const gone: ItemState = { kind: 'gone' };

/** `me` is this node's feed in its present life. */
export function planItem(row: Row, me: Origin): Action {
  const remote = withAgreed(row.remote, row.agreed);
  const winner = standing(remote)[0];
  const local = row.local?.state ?? row.agreed?.state ?? gone;
  const agreed = row.agreed?.state ?? gone;
  if (!sameState(local, agreed)) {
    if (winner !== undefined && sameState(local, winner.state)) return adopt(row, remote, winner);
    return remote && isVainDelete(local, agreed, winner)
      ? replace(row, remote, local, me)
      : publish(row, remote, local, me);
  }
  if (remote === undefined || winner === undefined) return { do: 'nothing' };
  if (!sameState(agreed, winner.state)) return replace(row, remote, local, me);
  return adopt(row, remote, winner);
}

/**
 * An edit beats a delete, so one that meets an edit that is still to be written is not worth telling. And it may be
 * none: writing over an item can move the old one aside first, and a crash then leaves nothing in its place.
 */
const isVainDelete = (local: ItemState, agreed: ItemState, winner: RemoteRecord | undefined): boolean =>
  local.kind === 'gone' &&
  winner !== undefined &&
  winner.state.kind !== 'gone' &&
  !sameState(agreed, winner.state);

/** The local edit knows what was on the disk before it, and what its author has published before. */
function publish(
  row: Row,
  remote: RemoteState | undefined,
  state: ItemState,
  me: Origin,
): Extract<Action, { do: 'publish' }> {
  const actor = actorOf(me);
  const known = knownBase(row.agreed?.version ?? [], row.agreed?.state ?? gone, remote);
  const mine = countOf(remote?.seen ?? [], actor);
  const base = mine > 0 ? mergeVersions(known, [[actor, mine]]) : known;
  const version = bumpVersion(base, actor);
  return { do: 'publish', state, version, agreed: { state, version, author: me } };
}

/** Says what is published once more, under another seal. Undefined when there is nothing on the disk to say. */
export function republish(row: Row, me: Origin): Extract<Action, { do: 'publish' }> | undefined {
  const state = row.local?.state;
  if (!state || state.kind === 'gone') return undefined;
  return publish(row, withAgreed(row.remote, row.agreed), state, me);
}

const isEqual = (a: Version, b: Version): boolean => compareVersions(a, b) === 'equal';

function adopt(row: Row, remote: RemoteState | undefined, winner: RemoteRecord): Action {
  const { state, author } = winner;
  const version = knownBase(mergeVersions(row.agreed?.version ?? [], winner.version), state, remote);
  const noted = row.agreed && sameState(row.agreed.state, state) && isEqual(row.agreed.version, version);
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

function replace(row: Row, remote: RemoteState, local: ItemState, me: Origin): Action {
  const { state, author } = remote;
  const version = knownBase(mergeVersions(row.agreed?.version ?? [], remote.version), state, remote);
  const agreed = { state, version, author };
  const replaces = local.kind === 'gone' ? 'nothing' : local.kind;
  if (state.kind === 'gone') return { do: 'delete', remote, agreed, keep: 'trash' };
  return { do: 'apply', remote, agreed, replaces, keep: keepFor(remote, local, me) };
}

/** Exactly the author of a losing edit keeps it beside; the others only put it into the trash. */
function keepFor(winner: RemoteState, local: ItemState, me: Origin): 'none' | 'trash' | 'conflict' {
  if (local.kind === 'gone' || local.kind === 'dir' || sameContent(local, winner.state)) return 'none';
  const mine = (winner.rivals ?? []).some((r) => r.author.node === me.node && sameContent(r.state, local));
  return mine ? 'conflict' : 'trash';
}

/**
 * The version under which to withdraw an edit of this node that lost and now lives on as a conflict copy; undefined
 * when there is none. Until it is withdrawn it would come back when the winner is deleted. Publish after the copy.
 */
export function dueYield(row: Row, me: Origin): Version | undefined {
  const { agreed } = row;
  const remote = withAgreed(row.remote, agreed);
  if (!agreed || !remote || agreed.state.kind === 'gone' || planItem(row, me).do !== 'nothing')
    return undefined;
  const actor = actorOf(me);
  const mine = (remote.rivals ?? []).filter((r) => r.author.node === me.node);
  // A yield counts on from this life's last record; were that the winner, it would be withdrawn with the loser.
  if (actorOf(remote.author) === actor || !mine.some((r) => isLost(r, agreed))) return undefined;
  const withdrawn = mine.filter((r) => isLost(r, agreed) || actorOf(r.author) === actor);
  const after: Version = [[actor, countOf(remote.seen, actor) + 1]];
  return withdrawn.reduce((all, r) => mergeVersions(all, r.version), after);
}

const isLost = (r: RemoteRecord, agreed: AgreedState): boolean =>
  r.state.kind !== 'gone' &&
  !sameContent(r.state, agreed.state) &&
  compareVersions(r.version, agreed.version) === 'before';
