/**
 * What this node has withdrawn from members, and who has confirmed: their receipts reach the record that is withheld
 * from them, and no member signs one while a withdrawal waits on its disk.
 */
import type { Emit } from '#agent/core/event.ts';
import { type NodeId, originKey, type SpaceId } from '#agent/core/ids.ts';
import { isWithdrawal, withdrawalPlace } from '#agent/core/problem-place.ts';
import type { Receipt } from '#agent/core/segment.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Withdrawal } from '#agent/feed/withdrawals.ts';
import type { Clock } from '#agent/sys/clock.ts';

export interface WithdrawalsParts {
  readonly space: SpaceId;
  readonly state: SpaceState;
  readonly clock: Clock;
  readonly emit: Emit;
}

export interface WithdrawalFacts {
  /** Items that some member has yet to confirm, and those that all have. */
  readonly open: number;
  readonly confirmed: number;
  /** When the oldest open one began. Milliseconds since the Unix epoch. */
  readonly oldest?: number;
}

/** A member that has not confirmed for so long is shown as a problem. */
export const overdueMs = 24 * 3_600_000;
const confirmedCursor = 'withdrawals-confirmed';

export async function withdrawalFacts(state: SpaceState): Promise<WithdrawalFacts> {
  let open = 0;
  let oldest: number | undefined;
  for await (const { begun } of state.withdrawals()) {
    open += 1;
    oldest = Math.min(begun, oldest ?? begun);
  }
  const confirmed = await state.cursor(confirmedCursor);
  return { open, confirmed, ...(oldest === undefined ? {} : { oldest }) };
}

export class Withdrawals {
  readonly #parts: WithdrawalsParts;

  constructor(parts: WithdrawalsParts) {
    this.#parts = parts;
  }

  /** Takes note of what receipts confirm, and of members that are overdue. */
  async confirm(): Promise<void> {
    const { state } = this.#parts;
    const confirmed = await state.exclusive(() => this.#confirm());
    for (const [node, seqs] of confirmed) this.#tell(node, seqs);
    await this.#overdue();
  }

  async #confirm(): Promise<ReadonlyMap<NodeId, readonly number[]>> {
    const { state } = this.#parts;
    const told = new Map<NodeId, number[]>();
    const reached = reachOf(await state.receipts());
    const batch = state.batch();
    let done = 0;
    for await (const one of state.withdrawals()) {
      const open = one.open.filter((node) => reached(node, one) < one.seq);
      if (open.length === one.open.length) continue;
      for (const node of one.open.filter((each) => !open.includes(each)))
        told.set(node, [...(told.get(node) ?? []), one.seq]);
      batch.putWithdrawal({ ...one, open });
      if (open.length === 0) done += 1;
    }
    if (told.size === 0) return told;
    batch.setCursor(confirmedCursor, (await state.cursor(confirmedCursor)) + done);
    await batch.commit();
    return told;
  }

  #tell(node: NodeId, seqs: readonly number[]): void {
    const { space, emit } = this.#parts;
    const details = { space, node, items: seqs.length, seq: Math.max(...seqs) };
    emit({ type: 'note', code: 'WITHDRAWAL_CONFIRMED', details });
  }

  async #overdue(): Promise<void> {
    const { state, clock, space, emit } = this.#parts;
    const before = clock.now() - overdueMs;
    const late = new Map<NodeId, number>();
    for await (const { begun, open } of state.withdrawals())
      if (begun < before) for (const node of open) late.set(node, (late.get(node) ?? 0) + 1);
    if (late.size === 0 && state.counts().problems === 0) return;
    const shown = new Map<string, number>();
    for await (const { path, details } of state.problems())
      if (isWithdrawal(path)) shown.set(path, Number(details.items));
    const batch = state.batch();
    const fresh = [...late].filter(([node, items]) => shown.get(withdrawalPlace(node)) !== items);
    const over = [...shown.keys()].filter((path) => ![...late.keys()].map(withdrawalPlace).includes(path));
    if (fresh.length + over.length === 0) return;
    const problems = fresh.map(([node, items]) => ({
      code: 'WITHDRAWAL_UNCONFIRMED',
      path: withdrawalPlace(node),
      details: { node, items, hours: overdueMs / 3_600_000 },
    }));
    for (const problem of problems) batch.putProblem(problem);
    for (const path of over) batch.clearProblem(path);
    await batch.commit();
    for (const problem of problems) emit({ type: 'problem', space, problem });
    for (const path of over) emit({ type: 'problem.cleared', space, path });
  }
}

type Reach = (node: NodeId, of: Pick<Withdrawal, 'origin'>) => number;

function reachOf(receipts: readonly Receipt[]): Reach {
  const reached = new Map(receipts.map((r) => [`${r.reader} ${originKey(r.origin)}`, r.seq]));
  return (node, { origin }) => reached.get(`${node} ${originKey(origin)}`) ?? 0;
}
