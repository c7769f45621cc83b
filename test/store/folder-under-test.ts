/** A folder store in a directory of its own. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentEvent } from '#agent/core/event.ts';
import { parseNodeId, parseSpaceId } from '#agent/core/ids.ts';
import { type FolderOptions, FolderStore } from '#agent/store/folder.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';

export const space = parseSpaceId('5a'.repeat(16));
export const node = parseNodeId('0d'.repeat(32));

export interface FolderUnderTest extends AsyncDisposable {
  readonly store: FolderStore;
  /** The directory around the root. */
  readonly around: string;
  readonly root: string;
  readonly events: AgentEvent[];
  /** Codes of the notes so far. */
  notes(): string[];
  at(path: string): string;
  /** The same folder, as a process started anew would open it. */
  reopen(options?: Partial<FolderOptions>): Promise<FolderStore>;
}

export async function openFolder(options: Partial<FolderOptions> = {}): Promise<FolderUnderTest> {
  const dir = await temporaryDir();
  const root = join(dir.path, 'gốc');
  await mkdir(root);
  const events: AgentEvent[] = [];
  const base = { root, space, node, disk: nodeDisk, clock: systemClock, exclude: [], own: [] };
  const emit = (event: AgentEvent): void => void events.push(event);
  const reopen = (more: Partial<FolderOptions> = {}) =>
    FolderStore.open({ ...base, emit, ...options, ...more });
  const store = await reopen();
  return {
    store,
    around: dir.path,
    root,
    events,
    notes: () => events.flatMap((event) => (event.type === 'note' ? [event.code] : [])),
    at: (path) => join(root, path),
    reopen,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}
