/** Which sealed chunks the records of a segment need: what a pusher offers before the segment itself. */
import { walkContent } from '#agent/core/chunk-list.ts';
import { decodeChange } from '#agent/core/change-codec.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { ChunkId } from '#agent/core/ids.ts';
import type { Content } from '#agent/core/item.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import type { Segment } from '#agent/core/segment.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Keyring } from '#agent/seal/keyring.ts';

/** Every list and data chunk of every file in `segment`, doubles included, in the order a reader wants them. */
export async function* chunkIdsOf(
  segment: Segment,
  state: SpaceState,
  keyring: Keyring,
): AsyncGenerator<ChunkId> {
  const { space, origin } = segment.header;
  for (const body of segment.bodies) {
    const record = body && decodeRecord(body);
    if (record?.type !== 'item') continue;
    const keys = await keyring.keysFor(space, origin, record.epoch);
    const plain = keys?.openRecord(record.sealed);
    if (!plain) throw new DongboError('INVARIANT', { what: 'own record does not open' });
    const { content } = decodeChange(plain);
    if (content) yield* idsOfContent(content, state);
  }
}

/** Only between `load` and its reader below. */
class MovedOn extends Error {}

async function* idsOfContent(content: Content, state: SpaceState): AsyncGenerator<ChunkId> {
  const lists: ChunkId[] = [];
  const load = async (id: ChunkId): Promise<Uint8Array> => {
    for (const place of await state.locations(id)) {
      if (!('list' in place)) continue;
      lists.push(id);
      return place.list;
    }
    throw new MovedOn();
  };
  try {
    for await (const { id } of walkContent(content, load)) {
      yield* lists.splice(0);
      yield id;
    }
    yield* lists.splice(0);
  } catch (error) {
    // The file has changed since: a newer record follows, and nobody will want these pieces.
    if (!(error instanceof MovedOn)) throw error;
  }
}
