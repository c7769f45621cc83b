/**
 * What the rules of this store leave out. Others' changes to such items are set aside: not written, not waited for, and
 * the row stays as it arrived, so that nothing here can look like an edit or a delete of theirs. When the rules no
 * longer leave an item out, it is planned like any other.
 */
import type { Row } from '#agent/core/item.ts';
import { type Action, isAtRest, type Planner, planItem } from '#agent/core/plan.ts';
import type { ApplyState, Excludes } from './ports.ts';

const pathsPerBatch = 256;

export interface AsideParts {
  readonly state: ApplyState;
  readonly me: Planner;
  readonly excludes: Excludes;
  /** Whether the item is here and may not be shared any more, so that nobody else's is written in its place. */
  readonly refuses?: (path: string) => boolean;
  /** State secrets that may not be handled now: unlike what is left out, they are waited for. */
  readonly holds?: Excludes;
}

export class Asides {
  readonly #parts: AsideParts;
  #waiting: string[] = [];

  constructor(parts: AsideParts) {
    this.#parts = parts;
  }

  /** Whether there is work that the rules forbid. They never keep what is withdrawn. */
  isFor(path: string, row: Row, action: Action): boolean {
    if (isAtRest(action) || action.do === 'adopt' || action.do === 'withdraw') return false;
    return this.#isLeftOut(path, row);
  }

  /** Whether there is work that has to wait. What is withdrawn goes at once. */
  isHeld(path: string, row: Row, action: Action): boolean {
    const { holds } = this.#parts;
    if (isAtRest(action) || action.do === 'adopt' || action.do === 'withdraw') return false;
    return holds !== undefined && concerns(row, path, holds);
  }

  /** Takes it from the want-list; durable after the next `flush`. */
  async add(path: string): Promise<void> {
    this.#waiting.push(path);
    if (this.#waiting.length >= pathsPerBatch) await this.flush();
  }

  async flush(): Promise<void> {
    const paths = this.#waiting;
    this.#waiting = [];
    if (paths.length === 0) return;
    const { state, me } = this.#parts;
    await state.exclusive(async () => {
      const rows = await state.rows(paths);
      const batch = state.batch();
      for (const [i, path] of paths.entries()) {
        const row = rows[i] ?? {};
        if (!this.isFor(path, row, planItem(row, me))) continue;
        batch.setAside(path);
        batch.clearPending(path);
        // Why it may not be shared still holds.
        if (!this.#parts.refuses?.(path)) batch.clearProblem(path);
      }
      await batch.commit();
    });
  }

  /** Puts on the want-list again what the rules do not leave out any more. */
  async reconsider(signal: AbortSignal): Promise<void> {
    let page: string[] = [];
    for await (const path of this.#parts.state.asides()) {
      signal.throwIfAborted();
      page.push(path);
      if (page.length < pathsPerBatch) continue;
      await this.#reconsider(page);
      page = [];
    }
    await this.#reconsider(page);
  }

  async #reconsider(paths: readonly string[]): Promise<void> {
    const { state, me } = this.#parts;
    await state.exclusive(async () => {
      const rows = await state.rows(paths);
      const batch = state.batch();
      for (const [i, path] of paths.entries()) {
        const row = rows[i] ?? {};
        if (this.#isLeftOut(path, row)) continue;
        batch.takeUp(path);
        if (!isAtRest(planItem(row, me))) batch.markPending(path);
      }
      await batch.commit();
    });
  }

  #isLeftOut(path: string, row: Row): boolean {
    return concerns(row, path, this.#parts.excludes);
  }
}

/** What is there, or what would come. */
const concerns = ({ local, agreed, remote }: Row, path: string, rule: Excludes): boolean =>
  [local?.state, agreed?.state, remote?.state].some(
    (state) => state !== undefined && state.kind !== 'gone' && rule(path, state.kind),
  );
