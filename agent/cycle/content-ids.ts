/** Which sealed chunks the records of a segment need: what a pusher offers before the segment itself. */
import { EmptyCells, rulesOf } from '#agent/core/cells.ts';
import { decodeRefs } from '#agent/core/chunk-refs.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { ChunkId } from '#agent/core/ids.ts';
import type { ChunkRef, Content, ItemChange } from '#agent/core/item.ts';
import { ownChange } from '#agent/core/read-back.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import type { Segment } from '#agent/core/segment.ts';
import type { Lacks } from '#agent/exchange/link-local.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { ItemKeys } from '#agent/seal/item-keys.ts';
import type { Keyring } from '#agent/seal/keyring.ts';

export interface ContentParts {
  readonly state: SpaceState;
  readonly keyring: Pick<Keyring, 'keysFor'>;
  readonly lacks: Lacks;
  /** Of which files, by their size. */
  readonly only: (bytes: number) => boolean;
}

/** Beyond this the content of a file comes behind the records: on a line of 100 Mbit/s it takes more than half a second. */
export const largeBytes = 8 * 1024 * 1024;

/**
 * The list and data chunks of every file in `segment` that the peer may lack, doubles included. Beneath a list that it
 * has nothing is named: of a large file with one changed piece, that piece and the lists above it are left.
 */
export async function* chunkIdsOf(segment: Segment, parts: ContentParts): AsyncGenerator<ChunkId> {
  for (const body of segment.bodies) {
    const opened = body && (await openOwn(segment, body, parts.keyring));
    const { change, keys } = opened ?? {};
    if (!keys || change?.state.kind !== 'file' || !change.content || !parts.only(change.state.size)) continue;
    for (const { id } of new EmptyCells(keys, change.path, change.state.size)) yield id;
    yield* idsOfContent(change.content, parts.state, parts.lacks);
  }
}

/** What a record of this node's own says; undefined where nobody can or need read it any more. */
export async function openOwn(
  { header: { space, origin } }: { readonly header: Pick<Segment['header'], 'space' | 'origin'> },
  body: Uint8Array,
  keyring: Pick<Keyring, 'keysFor'>,
): Promise<{ readonly change: ItemChange; readonly keys: ItemKeys } | undefined> {
  const record = decodeRecord(body);
  if (record.type !== 'item') return undefined;
  const keys = await keyring.keysFor(space, origin, record.epoch);
  // The segment is of a moment before that epoch was destroyed: a newer record of the item follows.
  if (!keys) return undefined;
  const plain = keys.openRecord(record.sealed);
  if (!plain) throw new DongboError('INVARIANT', { what: 'own record does not open' });
  const change = ownChange(plain, rulesOf(keys.form));
  return change && { change, keys };
}

/** Only between `loadList` and its reader below. */
class MovedOn extends Error {}

/**
 * As `chunkIdsOf`, of one content. A list comes after everything beneath it, and is put down so: who has a list has
 * what it names, and is not asked for that. What a crash leaves out of order all the same is found as wanted.
 */
export async function* idsOfContent(
  content: Content,
  state: Pick<SpaceState, 'locations'>,
  lacks: Lacks,
): AsyncGenerator<ChunkId> {
  try {
    yield* idsUnder(content.refs, content.levels, state, lacks);
  } catch (error) {
    // The file has changed since: a newer record follows, and nobody will want these pieces.
    if (!(error instanceof MovedOn)) throw error;
  }
}

async function* idsUnder(
  refs: readonly ChunkRef[],
  levels: number,
  state: Pick<SpaceState, 'locations'>,
  lacks: Lacks,
): AsyncGenerator<ChunkId> {
  // A file that holds the same throughout names one list many times, and a peer is asked for each once.
  const ids = [...new Set(refs.map(({ id }) => id))];
  if (levels === 0) return yield* ids;
  for (const id of await lacks(ids)) {
    yield* idsUnder(decodeRefs(await loadList(state, id)), levels - 1, state, lacks);
    yield id;
  }
}

async function loadList(state: Pick<SpaceState, 'locations'>, id: ChunkId): Promise<Uint8Array> {
  for (const place of await state.locations(id)) if ('list' in place) return place.list;
  throw new MovedOn();
}
