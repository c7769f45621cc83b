/** Reads a file of the folder for its look: what it holds, and, where this node publishes, the pieces it is cut into. */
import type { Origin } from '#agent/core/ids.ts';
import type { Details } from '#agent/core/errors.ts';
import { type LocalState, unsure } from '#agent/core/item.ts';
import type { Superseded } from '#agent/feed/owed-drops.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { SealingKeys } from '#agent/seal/item-keys.ts';
import { isPast } from '#agent/store/disk-clock.ts';
import type { Found, Store } from '#agent/store/store.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { LabelGate } from './label-gate.ts';
import { Places, supersededOf } from './places.ts';
import { type FileContent, hashContent, type Piece, readContent } from './read-content.ts';

/** What the disk holds at a path, with the places of its chunks that are not in the index yet. */
export interface Seen {
  readonly local: LocalState;
  readonly labelClass?: string;
  readonly pieces?: readonly Piece[];
  readonly dropPieces?: boolean;
  /** It may change again without a trace: to be read again soon. */
  readonly unsure?: true;
  /** Of a file that grows by rule: this is its beginning, and `on` says that more has come. */
  readonly grows?: FileContent['grows'];
  /** What a reader would refuse of its content. */
  readonly refused?: Details;
}

export interface ReadParts {
  readonly state: SpaceState;
  readonly store: Store;
  readonly labels: LabelGate;
  readonly clock: Clock;
}

/** Of most disks. Where it is longer (`store/disk-clock.ts`), the file is read at once, and again later. */
const timeStampTickMs = 20;

/** Undefined when the file changed while it was read. Without `keys` it is not cut. */
export async function readLocal(
  parts: ReadParts,
  found: Found,
  keys: SealingKeys | undefined,
  signal: AbortSignal,
): Promise<Seen | undefined> {
  const { state, store, clock } = parts;
  let stamp = await store.stamp(found.facts);
  if (!isPast(found.facts, stamp)) {
    await clock.sleep(timeStampTickMs, signal);
    stamp = await store.stamp(found.facts);
  }
  const seenAs = ({ facts, grows }: Pick<FileContent, 'facts' | 'grows'>) => ({
    ...(isPast(facts, stamp) ? { facts } : { facts: unsure(facts), unsure: true as const }),
    ...(grows ? { grows } : {}),
  });
  if (!keys) {
    const read = await hashContent(store, found.path, signal);
    if (!read) return undefined;
    const { facts, ...more } = seenAs(read);
    return { local: { state: read.state, facts }, ...more };
  }
  const places = new Places(state, found.path, () => superseded(parts, found, keys.origin));
  const read = await readContent(store, found.path, keys, (piece) => places.add(piece), signal);
  if (!read) return undefined;
  const { state: seen, content, broken } = read;
  const { facts, ...more } = seenAs(read);
  const local = { state: seen, facts, content, sealedBy: keys.origin, epoch: keys.epoch };
  const refused = broken === undefined ? {} : { refused: { field: 'refs', rule: broken } };
  return { local, pieces: places.waiting, dropPieces: !places.dropped, ...refused, ...more };
}

/** Of a large file, whose earlier places go before the record that supersedes its last one is written. */
async function superseded(
  { state, labels }: ReadParts,
  { path, kind }: Found,
  origin: Origin,
): Promise<Superseded | undefined> {
  const row = await state.row(path);
  const seq = ((await state.position(origin))?.seq ?? 0) + 1;
  return supersededOf(row?.local, origin, { seq, urgent: await labels.isRaised(path, kind, row) });
}

/** Of what is not read: a directory or a link. */
export function smallState(found: Found): LocalState {
  const { facts } = found;
  if (found.kind === 'dir') return { state: { kind: 'dir', mode: facts.mode & 0o777 }, facts };
  return { state: { kind: 'link', target: found.target ?? '', mtimeNs: facts.mtimeNs }, facts };
}
