/**
 * One directory under the eyes of chokidar: one inotify watch, nothing below it, nothing remembered of its entries.
 * Left to walk a tree by itself, chokidar stats every file of it at once and keeps a model of it; both grow with the
 * number of files. So it is given directories one by one, and only its directory-level `raw` events are used.
 */
import { type ChokidarOptions, FSWatcher } from 'chokidar';

export interface DirectoryEvents {
  /** Something in the directory changed, or the directory itself: then `self` is true, and the watch may be dead. */
  readonly changed: (self: boolean) => void;
  /** The watch could not be set, or broke: an errno code. */
  readonly failed: (errno: string) => void;
}

/** Resolves once changes are seen. `path` is absolute, without a backslash (chokidar takes it for a separator). */
export async function watchDirectory(path: string, events: DirectoryEvents): Promise<AsyncDisposable> {
  const watcher = new FSWatcher(optionsFor(path));
  const ready = new Promise<void>((resolve) => watcher.once('ready', resolve));
  const name = path.slice(path.lastIndexOf('/') + 1);
  watcher.on('raw', (event, child, details) => {
    if (watchedPath(details) === path) events.changed(event === 'rename' && child === name);
  });
  watcher.on('error', (error) => events.failed(errorCode(error)));
  watcher.add(path);
  await ready;
  return { [Symbol.asyncDispose]: () => watcher.close() };
}

const optionsFor = (path: string): ChokidarOptions => ({
  backend: 'native',
  depth: 0,
  ignored: (candidate) => candidate !== path,
  ignoreInitial: true,
  followSymlinks: false,
  // Its default hides backup names such as `x~`, directories too.
  atomic: false,
});

const watchedPath = (details: unknown): unknown =>
  typeof details === 'object' && details !== null && 'watchedPath' in details
    ? details.watchedPath
    : undefined;

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
