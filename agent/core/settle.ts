/** The row once an action is done: the one place that says how the three trees move. Pure; callers commit the row. */
import { actorOf } from './actor.ts';
import type { LocalState, Row } from './item.ts';
import { mergeRemote, type Published, withAgreed } from './merge.ts';
import type { Action } from './plan.ts';
import { boundVersion, mergeVersions, type Version } from './version.ts';

type Doing<D extends Action['do']> = Extract<Action, { do: D }>;

/** After 'adopt'. */
export const settleAdopted = (row: Row, action: Doing<'adopt'>): Row => withRemote(row, action.agreed);

/**
 * After 'apply' or 'delete': the disk now holds `local`, whose state must be the one applied (what the file system
 * made of the time stamp belongs to its facts, or the next plan would take it for an edit). An own record that lost
 * stays among the rivals, as it does on every other node.
 */
export const settleApplied = (row: Row, action: Doing<'apply' | 'delete'>, local: LocalState): Row => ({
  ...withRemote(row, action.agreed),
  local,
});

/** After 'withdraw': what came so is nowhere on this disk any more, or was set aside. */
export function settleWithdrawn({ withdrawn: _, ...row }: Row, { agreed }: Doing<'withdraw'>): Row {
  return agreed ? { ...row, agreed, local: { state: { kind: 'gone' } } } : row;
}

/**
 * After a record of this node went into its feed, `yield` included. Own records are merged into the remote tree like
 * anybody's, so that every node works from the same set.
 */
export function settlePublished(row: Row, record: Published, local: LocalState | undefined = row.local): Row {
  const remote = mergeRemote(row.remote, record, row.agreed);
  const { state, version, author } = record;
  const agreed =
    state.kind === 'yield'
      ? row.agreed && { ...row.agreed, version: withOwn(row.agreed.version, record) }
      : { state, version, author };
  return {
    ...open(row),
    ...(local ? { local } : {}),
    ...(agreed ? { agreed } : {}),
    ...(remote ? { remote } : {}),
  };
}

/** What is to be withdrawn stays so, whatever else happens to the row. */
const open = ({ withdrawn }: Row): Pick<Row, 'withdrawn'> => (withdrawn ? { withdrawn } : {});

const withOwn = (known: Version, { version, author }: Published): Version =>
  boundVersion(mergeVersions(known, version), () => [actorOf(author)]);

function withRemote(row: Row, agreed: NonNullable<Row['agreed']>): Row {
  const remote = withAgreed(row.remote, row.agreed);
  return { ...open(row), ...(row.local ? { local: row.local } : {}), agreed, ...(remote ? { remote } : {}) };
}
