/**
 * syncfs(2) that cannot miss an error. The kernel reports a failed write-back once to each file descriptor that was
 * open when it happened (Linux 5.8, errseq_t); one opened after the failure may see success. So one descriptor per
 * file system stays open between calls. It keeps the file system mounted: stop the service before unmounting.
 */
import { close, constants, open } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { native } from './native.ts';

const openFd = promisify(open);
const closeFd = promisify(close);
const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** More file systems than a node has spaces on; the oldest descriptor is closed. */
const maxKept = 16;
const kept = new Map<bigint, Promise<number>>();

/**
 * `dir` is a directory on the file system. The first call for a file system opens its descriptor, so call it once
 * before the first write of a batch that must be proven durable.
 */
export async function syncFs(dir: string): Promise<void> {
  const { dev } = await lstat(dir, { bigint: true });
  const fd = await descriptorOf(dev, dir);
  await (await native()).syncFs(fd, dir);
}

async function descriptorOf(dev: bigint, dir: string): Promise<number> {
  const known = kept.get(dev);
  if (known) return known;
  const opening = openFd(dir, flags);
  kept.set(dev, opening);
  try {
    const fd = await opening;
    await dropOldest();
    return fd;
  } catch (error) {
    kept.delete(dev);
    throw error;
  }
}

async function dropOldest(): Promise<void> {
  const [oldest] = kept;
  if (kept.size <= maxKept || !oldest) return;
  kept.delete(oldest[0]);
  await closeFd(await oldest[1]);
}
