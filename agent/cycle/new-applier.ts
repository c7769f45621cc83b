/** The applier of a space, with what it needs of the other stages. */
import { Applier } from '#agent/apply/applier.ts';
import type { Births } from '#agent/apply/delete-window.ts';
import type { ChunkSource } from '#agent/apply/ports.ts';
import type { Planner } from '#agent/core/plan.ts';
import type { FoundKind } from '#agent/store/store.ts';
import { withProgress } from '#agent/sys/progress-disk.ts';
import type { AgentSpaceParts } from './agent-space-parts.ts';
import type { LabelGate } from './label-gate.ts';
import { lateNotes } from './trash-keeper.ts';

export type ApplierParts = Omit<AgentSpaceParts, 'labels'> & {
  readonly labels: LabelGate;
  readonly births: Births;
};

export function newApplier(parts: ApplierParts, me: Planner): Applier {
  const { own, store, secrets, disk, clock, nights, keyring, emit, identity, turns, labels, births } = parts;
  const { space, state } = own;
  const { agency } = identity;
  return new Applier({
    space,
    me,
    agency,
    root: store.root,
    disk: withProgress(disk, () => turns.note()),
    clock,
    nights,
    lateNotes: lateNotes(parts.state, space),
    state,
    keys: keyring,
    chunks: chunkSource(parts),
    excludes: (path: string, kind: FoundKind) => store.excludes(path, kind) || labels.holds(path),
    refuses: (path: string) => labels.holds(path),
    holds: (path: string, kind: FoundKind) => secrets.hides(path, kind),
    births,
    emit,
  });
}

/** Each chunk that comes is progress. */
function chunkSource({ fetcher, turns }: ApplierParts): ChunkSource {
  return {
    fetch: (ids, { space, author, take, signal }) => {
      const noted: typeof take = (chunk) => {
        turns.note();
        return take(chunk);
      };
      return fetcher.fetch(ids, { space, author: author.node, take: noted, signal });
    },
  };
}
