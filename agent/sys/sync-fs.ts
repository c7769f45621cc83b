/**
 * syncfs(2) that cannot miss an error. The kernel reports a failed write-back once to each file descriptor that was
 * open when it happened (Linux 5.8, errseq_t); one opened after the failure may see success. So a descriptor stays open
 * between calls, one for each path: who shares it with others does not hear of what they were told. It keeps the file
 * system mounted: stop the service before unmounting.
 */
import { close, constants, open } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { native } from './native.ts';

const openFd = promisify(open);
const closeFd = promisify(close);
const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** A view of the errors of the file system `dev`. */
interface View {
  readonly dev: bigint;
  readonly fd: Promise<number>;
}

/** More than a node has spaces; the one that was used least lately is closed. */
const maxKept = 256;
const views = new Map<string, View>();

/**
 * `dir` is a directory on the file system. The first call with this path opens its descriptor, so call it once before
 * the first write of a batch that must be proven durable.
 */
export async function syncFs(dir: string): Promise<void> {
  const { dev } = await lstat(dir, { bigint: true });
  const { fd } = await viewOf(dir, dev);
  await (await native()).syncFs(await fd, dir);
}

async function viewOf(dir: string, dev: bigint): Promise<View> {
  const known = views.get(dir);
  // To the end of the line: least lately used first.
  views.delete(dir);
  // Another file system may have been mounted there since.
  const same = known?.dev === dev;
  const view = same ? known : { dev, fd: openFd(dir, flags) };
  views.set(dir, view);
  view.fd.catch(() => {
    if (views.get(dir) === view) views.delete(dir);
  });
  if (known && !same) await closeView(known);
  await dropOldest();
  return view;
}

async function dropOldest(): Promise<void> {
  const [oldest] = views;
  if (views.size <= maxKept || !oldest) return;
  views.delete(oldest[0]);
  await closeView(oldest[1]);
}

async function closeView({ fd }: View): Promise<void> {
  await fd.then(closeFd, () => undefined);
}
