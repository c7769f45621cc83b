/** One directory, watched by the runtime itself. */
import { watch } from 'node:fs';
import { errnoCode } from './errno.ts';

export interface WatchEvents {
  /** The entry `renamed` was made, removed or moved; one was written when it is undefined. */
  readonly changed: (renamed: string | undefined) => void;
  readonly failed: (errno: string) => void;
}

export function watchPlainly(path: string, events: WatchEvents): AsyncDisposable {
  const failed = (error: unknown) => events.failed(errnoCode(error) ?? 'unknown');
  try {
    const watcher = watch(path, (event, child) =>
      events.changed(event === 'rename' && child !== null ? child : undefined),
    );
    watcher.on('error', failed);
    return { [Symbol.asyncDispose]: async () => watcher.close() };
  } catch (error) {
    failed(error);
    return { [Symbol.asyncDispose]: async () => undefined };
  }
}
