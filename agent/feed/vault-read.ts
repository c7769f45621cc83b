/** Reading many chunks at once: neighbours in a pack, as one put leaves them, come in one read. */
import type { CopyKey } from './copy-key.ts';
import type { PackFiles } from './pack-files.ts';
import { sealedIn } from './pack-record.ts';
import type { Located, Place } from './vault-index.ts';

/** Neighbours, in order, in one pack. */
export type Run = readonly Located[];

const maxRunBytes = 1024 * 1024;

export function* runsOf(wanted: readonly Located[]): Generator<Run> {
  let run: Located[] = [];
  for (const one of wanted) {
    if (run.length > 0 && !continues(run, one.place)) {
      yield run;
      run = [];
    }
    run.push(one);
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
  run: Run,
): Promise<{ key: CopyKey; sealed: Uint8Array | undefined }[]> {
  const start = run[0]?.place;
  const end = run.at(-1)?.place;
  if (!start || !end) return [];
  const bytes = await files.read(start.pack, start.offset, end.offset + end.length - start.offset);
  return run.map(({ key, place }) => {
    const from = place.offset - start.offset;
    return { key, sealed: bytes && sealedIn(bytes.subarray(from, from + place.length), key) };
  });
}
