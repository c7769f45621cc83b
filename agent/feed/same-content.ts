/**
 * The index from what files hold to their paths: size, start of the hash, path. It follows the rows by itself. Beside it
 * stands what the feeds have there and this disk has not, or not yet: of that the label is known all the same.
 */
import { type ItemState, type Row, sameContent } from '#agent/core/item.ts';
import { standing } from '#agent/core/merge.ts';
import { damaged, type Op } from './db.ts';
import { SpaceKeys } from './keys.ts';
import { decodeRow } from './row-codec.ts';
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

/** Where a record stands that says so of a file, and the disk does not; so many at most. */
export async function comingAt({ db, keys }: SpaceCore, file: File): Promise<string[]> {
  const [found = []] = await db.firstOf([keys.allComing(file)], maxFound);
  return found.map(([key]) => SpaceKeys.contentPath(key));
}

/** What to write when the row of a path changes. */
export function contentOps(
  keys: SpaceKeys,
  path: string,
  before: Row | undefined,
  after: Row | undefined,
): Op[] {
  const [was, is] = [keysOf(keys, path, before), keysOf(keys, path, after)];
  const has = (all: readonly Uint8Array[], key: Uint8Array) =>
    all.some((one) => Buffer.compare(one, key) === 0);
  return [
    ...was.flatMap((key) => (has(is, key) ? [] : [{ key }])),
    ...is.flatMap((key) => (has(was, key) ? [] : [{ key, value: marked }])),
  ];
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
    ops.push(...contentOps(keys, SpaceKeys.rowPath(key), undefined, decodeRow(value)));
    if (ops.length < builtAtOnce) continue;
    await db.write(ops);
    ops = [];
  }
  if (ops.length > 0) await db.write(ops);
}

function keysOf(keys: SpaceKeys, path: string, row: Row = {}): Uint8Array[] {
  const here = row.local?.state;
  const coming = standing(row.remote).flatMap(({ state }) =>
    state.kind === 'file' && !(here && sameContent(here, state)) ? [keys.coming(state, path)] : [],
  );
  return here?.kind === 'file' ? [keys.content(here, path), ...coming] : coming;
}
