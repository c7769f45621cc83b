/**
 * A record came between the look at an edit and its note, so the edit is known and not published. Without the facts of
 * the last look the next one reads it again.
 */
import type { SpaceState } from '#agent/feed/space-state.ts';

export async function readAgain(state: SpaceState, path: string): Promise<void> {
  await state.exclusive(async () => {
    const row = await state.row(path);
    if (row?.local?.facts === undefined) return;
    const { facts: _, ...local } = row.local;
    const batch = state.batch();
    batch.putRow(path, { ...row, local });
    await batch.commit();
  });
}
