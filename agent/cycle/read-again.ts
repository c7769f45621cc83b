/** A known edit that is to be read once more. */
import type { SpaceState } from '#agent/feed/space-state.ts';

/**
 * A record came between the look at an edit and its note, so the edit is known and not published. With a time of change
 * that no file has the next look reads it again, and still knows what its mode and time were taken for.
 */
export async function readAgain(state: SpaceState, path: string): Promise<void> {
  await state.exclusive(async () => {
    const row = await state.row(path);
    const facts = row?.local?.facts;
    if (!row?.local || !facts || facts.ctimeNs === 0n) return;
    const { facts: _, ...local } = row.local;
    const unread = local.state.kind === 'dir' ? local : { ...local, facts: { ...facts, ctimeNs: 0n } };
    const batch = state.batch();
    batch.putRow(path, { ...row, local: unread });
    await batch.commit();
  });
}
