/** A small file written whole, in as few steps as the kernel allows. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  type Stats,
  writevSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import os from 'node:os';
import type { FileFacts } from './disk.ts';
import { isAttributeRefused, systemError } from './errno.ts';
import { native } from './native.ts';
import { after, maxVectors } from './pieces.ts';
import { quickCall } from './quick-call.ts';

/** O_NONBLOCK: a FIFO must not hang the opener; it is refused by its kind. */
const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const firstMode = 0o600;

type Pieces = readonly Uint8Array[];

/** Throws EISDIR on a directory, ELOOP on a link, EINVAL on anything else that is no regular file. */
export async function writeWhole(path: string, pieces: Pieces, facts: FileFacts): Promise<void> {
  const { setMtime } = await native();
  await quickCall(
    () => writeNow(path, pieces, facts, setMtime),
    () => writeInPool(path, pieces, facts, setMtime),
  );
}

type SetMtime = (path: string, mtimeNs: bigint) => void;

function writeNow(path: string, pieces: Pieces, { mode, mtimeNs }: FileFacts, setMtime: SetMtime): void {
  const fd = openSync(path, flags, firstMode);
  try {
    const before = fstatSync(fd);
    requireRegular(before, path);
    let size = 0;
    for (let left = pieces; left.length > 0; ) {
      const done = writevSync(fd, left.slice(0, maxVectors), size);
      size += done;
      left = after(left, done);
    }
    if (before.size > size) ftruncateSync(fd, size);
    unlessRefused(() => fchmodSync(fd, mode));
    unlessRefused(() => setMtime(path, mtimeNs));
  } finally {
    closeSync(fd);
  }
}

async function writeInPool(
  path: string,
  pieces: Pieces,
  { mode, mtimeNs }: FileFacts,
  setMtime: SetMtime,
): Promise<void> {
  await using file = await open(path, flags, firstMode);
  const before = await file.stat();
  requireRegular(before, path);
  let size = 0;
  for (let left = pieces; left.length > 0; ) {
    const { bytesWritten } = await file.writev(left.slice(0, maxVectors), size);
    size += bytesWritten;
    left = after(left, bytesWritten);
  }
  if (before.size > size) await file.truncate(size);
  unlessRefused(() => fchmodSync(file.fd, mode));
  unlessRefused(() => setMtime(path, mtimeNs));
}

/** A file system without modes, or with some only (FAT, many servers): what it shows then is in the facts of the file. */
function unlessRefused(set: () => void): void {
  try {
    set();
  } catch (error) {
    if (!isAttributeRefused(error)) throw error;
  }
}

function requireRegular(stat: Stats, path: string): void {
  if (!stat.isFile()) throw systemError(os.constants.errno.EINVAL, 'open', path);
}
