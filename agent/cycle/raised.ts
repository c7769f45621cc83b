/** Whose copies of an item are withdrawn when it is published under another label class than before. */
import { away, orAway } from '#agent/apply/or-away.ts';
import { actorOf, countOf } from '#agent/core/actor.ts';
import { type Agreement, memberOf } from '#agent/core/agreement.ts';
import { readersOf } from '#agent/core/agreement-policy.ts';
import { rulesOf } from '#agent/core/cells.ts';
import type { Emit } from '#agent/core/event.ts';
import type { ChunkId, NodeId, Origin, SpaceId, Tag } from '#agent/core/ids.ts';
import type { Row } from '#agent/core/item.ts';
import { ownChange } from '#agent/core/read-back.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Withdrawal } from '#agent/feed/withdrawals.ts';
import type { Keyring } from '#agent/seal/keyring.ts';

export interface RaisedParts {
  readonly agreement: Agreement;
  readonly origin: Origin;
  readonly state: Pick<SpaceState, 'liveSeq' | 'record' | 'keyLedger'>;
  readonly keyring: Pick<Keyring, 'keysFor'>;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export interface Raised {
  /** The chunks that the record before named itself; those in lists beneath it are known by their places alone. */
  readonly chunks: { readonly ids: readonly ChunkId[]; readonly epoch: number };
  /** Members who were ever given the key of the record before, and may not read the one that follows it. */
  readonly from: readonly NodeId[];
}

/** Undefined when the record before it was of the same class, or there is none. */
export async function raisedOver(
  parts: RaisedParts,
  { tag, labelClass }: { readonly tag: Tag; readonly labelClass: string },
): Promise<Raised | undefined> {
  const before = await recordOf(parts, tag);
  if (before?.type !== 'item' || before.labelClass === labelClass) return undefined;
  const { agreement, origin, state, keyring, now } = parts;
  const keys = await keyring.keysFor(agreement.space, origin, before.epoch);
  // Who left is nobody's to ask any more: `dongbo keys exposed` tells what it had.
  const granted = await state.keyLedger.grantees(origin, before.epoch);
  const had = granted.filter((node) => memberOf(agreement, node) !== undefined);
  const reads = new Set(readersOf(agreement, origin.node, labelClass, now).map(({ card }) => card.node));
  // A device that is away leaves its chunks to their places.
  const plain = keys && orAway(() => keys.openRecord(before.sealed));
  const refs =
    keys && plain && plain !== away ? (ownChange(plain, rulesOf(keys.form))?.content?.refs ?? []) : [];
  const chunks = { ids: refs.map(({ id }) => id), epoch: before.epoch };
  return { from: had.filter((node) => !reads.has(node)), chunks };
}

export interface OwnParts {
  readonly origin: Origin;
  readonly state: Pick<SpaceState, 'liveSeq' | 'record'>;
  readonly agreement: Agreement;
  readonly keyring: Pick<Keyring, 'tagOf'>;
}

/** The label class of the last record of an item in this node's own feed, where another's stands for it now. */
export async function ownClassOf(
  parts: OwnParts,
  path: string,
  { remote }: Row,
): Promise<string | undefined> {
  const { origin, agreement, keyring } = parts;
  if (!remote || remote.author.node === origin.node || countOf(remote.seen, actorOf(origin)) === 0)
    return undefined;
  const record = await recordOf(parts, await keyring.tagOf(agreement, path));
  return record?.type === 'item' ? record.labelClass : undefined;
}

async function recordOf({ origin, state }: Pick<OwnParts, 'origin' | 'state'>, tag: Tag) {
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
