/**
 * One directory under the eyes of chokidar: one inotify watch, nothing below it, nothing remembered of its entries.
 * Left to walk a tree by itself, chokidar stats every file of it at once and keeps a model of it; both grow with the
 * number of files. So it is asked to wait for a name that never comes, which it does by watching the directory without
 * listing it, and its `raw` events tell of everything in there.
 */
import { type ChokidarOptions, FSWatcher } from 'chokidar';
import { watchPlainly } from '#agent/sys/watch-plainly.ts';

export interface DirectoryEvents {
  /**
   * Something in the directory changed: the entry `renamed` was made, removed or moved, or, when undefined, one was
   * written. When the directory itself is removed or moved, `renamed` is mostly its own name, and the watch is dead.
   */
  readonly changed: (renamed: string | undefined) => void;
  /** The watch could not be set, or broke: an errno code. */
  readonly failed: (errno: string) => void;
}

/** No item has this name: it holds a character that nobody types. */
const neverComes = '.dongbo-\u0001';

/**
 * At each event chokidar would list the directory again and stat every entry, to see whether the name has come: a
 * million stats while a thousand files are written into one directory. Without a stream there is nothing to list.
 */
class Unlisted extends FSWatcher {
  override createScanStream(): undefined {
    return undefined;
  }
}

/** Resolves once changes are seen. `path` is absolute. */
export async function watchDirectory(path: string, events: DirectoryEvents): Promise<AsyncDisposable> {
  // chokidar takes a backslash for a separator.
  if (path.includes('\\')) return watchPlainly(path, events);
  const watcher = new Unlisted(options);
  const ready = new Promise<void>((resolve) => watcher.once('ready', resolve));
  watcher.on('raw', (event, child, details) => {
    if (watchedPath(details) === path)
      events.changed(event === 'rename' && child !== null ? child : undefined);
  });
  watcher.on('error', (error) => events.failed(errorCode(error)));
  watcher.add(`${path}/${neverComes}`);
  await ready;
  // It waits higher up when the directory is not there: then the next listing above tells whether it came back.
  if (Object.keys(watcher.getWatched()).some((dir) => dir !== path)) events.failed('ENOENT');
  return { [Symbol.asyncDispose]: () => watcher.close() };
}

const options: ChokidarOptions = {
  backend: 'native',
  depth: 0,
  ignored: (candidate) => !candidate.endsWith(neverComes),
  ignoreInitial: true,
  followSymlinks: false,
  // Its default hides backup names such as `x~`, directories too.
  atomic: false,
};

const watchedPath = (details: unknown): unknown =>
  typeof details === 'object' && details !== null && 'watchedPath' in details
    ? details.watchedPath
    : undefined;

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
