/**
 * Directories whose mode on the disk is nobody's word: made for what goes into them before their own record was
 * applied, or opened for a moment because they are read-only. The index hears of it before the disk does, so that
 * after a crash no scan takes such a mode for an edit (`core/plan.ts`). The end of a run sets what the record says.
 */

import type { Origin } from '#agent/core/ids.ts';
import type { DiskFacts, Row } from '#agent/core/item.ts';
import { withAgreed } from '#agent/core/merge.ts';
import { isAtRest, type Planner, planItem } from '#agent/core/plan.ts';
import type { ApplyBatch, ApplyState } from './ports.ts';
import type { Tally } from './tally.ts';

export interface Interim {
  readonly mode: number;
  /** In whose name, where the index knows of nothing yet. */
  readonly author: Origin;
  /** Absent while it is not on the disk. */
  readonly facts?: DiskFacts;
}

/** Its record is here: whatever directory a scan finds in its place is taken for that one, and not for an edit. */
const isAwaited = ({ agreed, remote }: Row): boolean =>
  remote?.state.kind === 'dir' && (agreed?.interim === true || agreed?.state.kind !== 'dir');

export class Interims {
  readonly #state: ApplyState;
  readonly #me: Planner;
  readonly #tally: Tally;

  constructor(state: ApplyState, me: Planner, tally: Tally) {
    this.#state = state;
    this.#me = me;
    this.#tally = tally;
  }

  /** A directory is going to be made. Durable when this returns. */
  async making(path: string, interim: Interim): Promise<void> {
    await this.#state.exclusive(async () => {
      const row = (await this.#state.row(path)) ?? {};
      if (isAwaited(row)) return;
      const batch = this.#state.batch();
      this.put(batch, path, row, interim);
      await batch.commit();
    });
  }

  /** A directory is going to be opened: it keeps what was agreed but for the mode. Durable when this returns. */
  async opening(path: string): Promise<void> {
    await this.#state.exclusive(async () => {
      const row = await this.#state.row(path);
      const { local, agreed } = row ?? {};
      if (local?.state.kind !== 'dir' || agreed?.state.kind !== 'dir' || agreed.interim) return;
      const batch = this.#state.batch();
      this.#put(batch, path, row ?? {}, { ...row, agreed: { ...agreed, interim: true } });
      await batch.commit();
    });
  }

  /** Who agreed to something before stays its author: only what is applied in the end tells whether it has lost. */
  put(batch: ApplyBatch, path: string, row: Row, { mode, author, facts }: Interim): void {
    const state = { kind: 'dir', mode } as const;
    const { version = [], author: before = author } = row.agreed ?? {};
    const agreed = { state, version, author: before, interim: true } as const;
    this.#put(batch, path, row, { ...row, ...(facts ? { local: { state, facts } } : {}), agreed });
  }

  #put(batch: ApplyBatch, path: string, before: Row, after: Row): void {
    const remote = withAgreed(before.remote, before.agreed);
    const row = remote ? { ...after, remote } : after;
    batch.putRow(path, row, before);
    if (isAtRest(planItem(row, this.#me))) return;
    batch.markPending(path);
    this.#tally.interim.add(path);
  }
}
