/** Small files and links, written whole into the stage folder. */
import type { ItemState } from '#agent/core/item.ts';
import type { Disk, DiskFile } from '#agent/sys/disk.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { setIfPossible } from './attributes.ts';
import { durably } from './failure.ts';
import { unlinkIfAny } from './layout.ts';

type FileState = Extract<ItemState, { kind: 'file' }>;

/** Mode and time are set last, so that a stage file with its final mode is complete. `sync` makes it durable now. */
export async function stageSmall(
  disk: Disk,
  stage: string,
  pieces: readonly Uint8Array[],
  state: FileState,
  sync: boolean,
): Promise<void> {
  if (!sync) return writable(disk, stage, () => disk.writeWhole(stage, pieces, state));
  await using file = await openStage(disk, stage);
  let offset = 0;
  for (const piece of pieces) {
    await file.write(piece, offset);
    offset += piece.length;
  }
  await finishStage(disk, stage, state);
  await durably(() => file.sync());
}

export const openStage = (disk: Disk, stage: string): Promise<DiskFile> =>
  writable(disk, stage, () => disk.openWrite(stage));

/** A stage file that an earlier run completed may have a mode that does not let its owner write. */
async function writable<T>(disk: Disk, stage: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (errnoCode(error) !== 'EACCES') throw error;
    await disk.chmod(stage, 0o600);
    return write();
  }
}

export async function finishStage(disk: Disk, stage: string, state: FileState): Promise<void> {
  await setIfPossible(() => disk.chmod(stage, state.mode));
  await setIfPossible(() => disk.setMtime(stage, state.mtimeNs));
}

export async function stageLink(
  disk: Disk,
  stage: string,
  state: Extract<ItemState, { kind: 'link' }>,
): Promise<void> {
  await unlinkIfAny(disk, stage);
  await disk.symlink(state.target, stage);
  await setIfPossible(() => disk.setMtime(stage, state.mtimeNs));
}
