/** Reading many chunks at once: neighbours in a pack, as one put leaves them, come in one read. */
import type { ChunkId, SpaceId } from '#agent/core/ids.ts';
import type { PackFiles } from './pack-files.ts';
import { sealedIn } from './pack-record.ts';
import type { Place } from './vault-index.ts';

interface Wanted {
  readonly id: ChunkId;
  readonly place: Place;
}

/** Neighbours, in order, in one pack. */
export type Run = readonly Wanted[];

const maxRunBytes = 1024 * 1024;

export function* runsOf(ids: readonly ChunkId[], places: readonly (Place | undefined)[]): Generator<Run> {
  let run: Wanted[] = [];
  for (const [i, id] of ids.entries()) {
    const place = places[i];
    if (!place) continue;
    if (run.length > 0 && !continues(run, place)) {
      yield run;
      run = [];
    }
    run.push({ id, place });
  }
  if (run.length > 0) yield run;
}

function continues(run: Run, { pack, offset, length }: Place): boolean {
  const first = run[0]?.place;
  const last = run.at(-1)?.place;
  if (!first || !last || last.pack !== pack || last.offset + last.length !== offset) return false;
  return offset + length - first.offset <= maxRunBytes;
}

/** `sealed` is undefined for what could not be read or is not as it was put. */
export async function readRun(
  files: PackFiles,
  space: SpaceId,
  run: Run,
): Promise<{ id: ChunkId; sealed: Uint8Array | undefined }[]> {
  const start = run[0]?.place;
  const end = run.at(-1)?.place;
  if (!start || !end) return [];
  const bytes = await files.read(start.pack, start.offset, end.offset + end.length - start.offset);
  return run.map(({ id, place }) => {
    const from = place.offset - start.offset;
    return { id, sealed: bytes && sealedIn(bytes.subarray(from, from + place.length), space, id) };
  });
}
