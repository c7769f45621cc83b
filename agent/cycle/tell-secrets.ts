/** Why state secrets of a level are left alone: one problem for the level, which names none of them. */
import type { Emit } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { SpaceSecrets } from './space-secrets.ts';

export async function tellSecrets(parts: {
  readonly space: SpaceId;
  readonly state: SpaceState;
  readonly secrets: SpaceSecrets;
  readonly emit: Emit;
}): Promise<void> {
  const { space, state, secrets, emit } = parts;
  for (const { path, fault } of secrets.faults()) {
    const told = await state.problem(path);
    if (told?.code === fault?.code) continue;
    const batch = state.batch();
    if (fault) batch.putProblem({ ...fault, path });
    else batch.clearProblem(path);
    await batch.commit();
    emit(
      fault
        ? { type: 'problem', space, problem: { ...fault, path } }
        : { type: 'problem.cleared', space, path },
    );
  }
}
