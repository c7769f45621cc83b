/** Whose copies of an item are withdrawn when it is published under another label class than before. */
import type { Agreement } from '#agent/core/agreement.ts';
import { readersOf } from '#agent/core/agreement-policy.ts';
import type { Emit } from '#agent/core/event.ts';
import type { NodeId, Origin, SpaceId, Tag } from '#agent/core/ids.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Withdrawal } from '#agent/feed/withdrawals.ts';
import type { Keyring } from '#agent/seal/keyring.ts';

export interface RaisedParts {
  readonly agreement: Agreement;
  readonly origin: Origin;
  readonly state: Pick<SpaceState, 'liveSeq' | 'record'>;
  readonly keyring: Pick<Keyring, 'keysFor' | 'grantTagOf'>;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export interface Raised {
  /** Those who were given the key of the record before and may not read the one that follows it. */
  readonly from: readonly NodeId[];
}

/** Undefined when the record before it was of the same class, or there is none. */
export async function raisedOver(
  parts: RaisedParts,
  { tag, labelClass }: { readonly tag: Tag; readonly labelClass: string },
): Promise<Raised | undefined> {
  const before = await recordOf(parts, tag);
  if (before?.type !== 'item' || before.labelClass === labelClass) return undefined;
  const { agreement, origin, keyring, now } = parts;
  const keys = await keyring.keysFor(agreement.space, origin, before.epoch);
  const grant = keys && (await recordOf(parts, await keyring.grantTagOf(keys)));
  const had = grant?.type === 'grant' ? grant.grants.map(({ node }) => node) : [];
  const reads = new Set(readersOf(agreement, origin.node, labelClass, now).map(({ card }) => card.node));
  return { from: had.filter((node) => !reads.has(node)) };
}

async function recordOf({ origin, state }: RaisedParts, tag: Tag) {
  const seq = await state.liveSeq(origin, tag);
  const body = seq === undefined ? undefined : await state.record(origin, seq);
  return body && decodeRecord(body);
}

/** Opaque: a feed and its sequence numbers. */
export function tellWithdrawn(
  { space, emit }: { readonly space: SpaceId; readonly emit: Emit },
  withdrawals: readonly Withdrawal[],
): void {
  const [first, last] = [withdrawals[0], withdrawals.at(-1)];
  if (!first || !last) return;
  const members = new Set(withdrawals.flatMap(({ open }) => open)).size;
  const details = { space, items: withdrawals.length, members, first: first.seq, last: last.seq };
  emit({ type: 'note', code: 'WITHDRAWAL_BEGUN', details });
}
