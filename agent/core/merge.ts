/**
 * Merges the published records of one path into the remote tree. Kept are all records that no other has replaced:
 * the winner and its rivals. With the winner alone the outcome would hang on the order of arrival (of edits b and c,
 * b wins; a delete of b that knew nothing of c then loses to c, but c would be forgotten), and nodes would part.
 *
 * A record's own mark is its author's counter in its version. A record is replaced when another's version holds that
 * mark. Versions are causally closed (an author's next version holds all that it agreed to), so `seen` tells for any
 * record, even one whose successor came first, whether it is still to be counted.
 */
import { actorOf, countOf } from './actor.ts';
import type { NodeId, Origin } from './ids.ts';
import type { AgreedState, ItemState, RemoteRecord, RemoteState } from './item.ts';
import { beats } from './rank.ts';
import { boundVersion, mergeVersions, type Version } from './version.ts';

/** A record as published. A `yield` takes its author's earlier records of the path out of the running. */
export interface Published extends Omit<RemoteRecord, 'state'> {
  readonly state: ItemState | { readonly kind: 'yield' };
}

/** Whether a version knows of the record, so that it is either that record or a later one. */
export const knows = (version: Version, record: { readonly version: Version; readonly author: Origin }) => {
  const actor = actorOf(record.author);
  return countOf(version, actor) >= countOf(record.version, actor);
};

/** The records that nothing replaces, the winner first; none when all that was known has been withdrawn. */
export const standing = (remote: RemoteState | undefined): readonly RemoteRecord[] =>
  remote === undefined || isVacant(remote) ? [] : [remote, ...(remote.rivals ?? [])];

/** Whether a record of a node wins beside others that it does not know: these may have another label. */
export const isBeside = (remote: RemoteState | undefined, node: NodeId): boolean =>
  remote?.author.node === node && standing(remote).length > 1;

/** A remote tree that only remembers what it has seen: every record was withdrawn before its better arrived. */
const isVacant = (remote: RemoteState): boolean => remote.version.length === 0;

/**
 * The remote tree with one more record. Commutative, associative and idempotent over records that honest members
 * publish. `agreed` is folded in first when its author's record never was (a row written before its own
 * publications were merged). Records without their author's counter are ignored.
 */
export function mergeRemote(
  current: RemoteState | undefined,
  incoming: Published,
  agreed?: AgreedState,
): RemoteState | undefined {
  return add(withAgreed(current, agreed), incoming);
}

/** `remote` with the record that this node last agreed to, when the remote tree has never heard of it. */
export function withAgreed(
  remote: RemoteState | undefined,
  agreed: AgreedState | undefined,
): RemoteState | undefined {
  if (agreed === undefined) return remote;
  return add(remote, { ...agreed, epoch: 0, seq: 0 });
}

function add(current: RemoteState | undefined, incoming: Published): RemoteState | undefined {
  const before: Version = current?.seen ?? [];
  if (knows(before, incoming)) return current;
  const left = standing(current).filter((record) => !knows(incoming.version, record));
  const authors = () => [...left, incoming].map(({ author }) => actorOf(author));
  const seen = boundVersion(mergeVersions(before, incoming.version), authors);
  const { state } = incoming;
  const all = state.kind === 'yield' ? left : [...left, plain({ ...incoming, state })];
  return assemble(all, seen, incoming);
}

/**
 * `remote` when some of its records may not be read here any more. That they were seen is not forgotten, or what they
 * had replaced would come back.
 */
export function withoutRecords(
  remote: RemoteState | undefined,
  gone: (record: RemoteRecord) => boolean,
): RemoteState | undefined {
  const left = standing(remote).filter((record) => !gone(record));
  return remote && left.length < standing(remote).length ? assemble(left, remote.seen, remote) : remote;
}

function assemble(records: readonly RemoteRecord[], seen: Version, last: Published): RemoteState {
  const [winner, ...rivals] = records.toSorted((a, b) => (beats(a, b) ? -1 : 1));
  if (winner === undefined) {
    const { author, epoch, seq } = last;
    return { state: { kind: 'gone' }, version: [], seen, author, epoch, seq };
  }
  return { ...plain(winner), seen, ...(rivals.length > 0 ? { rivals: rivals.map(plain) } : {}) };
}

/** The record alone, without what a former winner carried. */
function plain(r: RemoteRecord): RemoteRecord {
  const { state, version, author, epoch, seq } = r;
  return { state, ...(r.content ? { content: r.content } : {}), version, author, epoch, seq };
}
