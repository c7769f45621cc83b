/** The index from what files hold to their paths: size, start of the hash, path. It follows the rows by itself. */
import type { ItemState } from '#agent/core/item.ts';
import { damaged, type Op } from './db.ts';
import { SpaceKeys } from './keys.ts';
import { decodeRow, measureOf } from './row-codec.ts';
import type { SpaceCore } from './space-core.ts';

type File = Pick<Extract<ItemState, { kind: 'file' }>, 'size' | 'sha256'>;

const marked = new Uint8Array();
const maxFound = 256;
const builtAtOnce = 1000;

/** Files of the index that hold the same; so many at most. */
export async function pathsOf({ db, keys }: SpaceCore, file: File): Promise<string[]> {
  const [found = []] = await db.firstOf([keys.sameContent(file)], maxFound);
  return found.map(([key]) => SpaceKeys.contentPath(key));
}

/** What to write when the row of a path changes. */
export function contentOps(
  keys: SpaceKeys,
  path: string,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): Op[] {
  const [was, is] = [keyOf(keys, path, before), keyOf(keys, path, after)];
  if (was && is && Buffer.compare(was, is) === 0) return [];
  return [...(was ? [{ key: was }] : []), ...(is ? [{ key: is, value: marked }] : [])];
}

/** At a start, before rows change. A state of before there was this index gets it. Throws STATE_DAMAGED. */
export async function verifyContents({ db, keys, counts }: SpaceCore): Promise<void> {
  let found = 0;
  for await (const _ of db.entries(keys.allContents())) found += 1;
  if (found === counts.files) return;
  if (found > 0)
    throw damaged('db', `the index of contents must hold ${counts.files} files, and holds ${found}`);
  let ops: Op[] = [];
  for await (const [key, value] of db.entries(keys.allRows())) {
    ops.push(...contentOps(keys, SpaceKeys.rowPath(key), undefined, value));
    if (ops.length < builtAtOnce) continue;
    await db.write(ops);
    ops = [];
  }
  if (ops.length > 0) await db.write(ops);
}

function keyOf(keys: SpaceKeys, path: string, row: Uint8Array | undefined): Uint8Array | undefined {
  const state = row && measureOf(row).files > 0 ? decodeRow(row).local?.state : undefined;
  return state?.kind === 'file' ? keys.content(state, path) : undefined;
}
