/**
 * Epochs that nothing needs any more are destroyed: the author says in its feed that one is over, in the place of its
 * grant, and the author and each reader then forget the secret. In this order, so that a crash leaves a secret too many,
 * never one too few; the next look goes on where it stopped. Runs between two looks: nothing is half sealed then.
 */
import { originKey, type Origin, type SpaceId } from '#agent/core/ids.ts';
import type { Details } from '#agent/core/errors.ts';
import { epochKey, type LedgerEpoch } from '#agent/feed/key-ledger.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type { Publisher } from './publisher.ts';

export interface DestroyParts {
  readonly space: SpaceId;
  readonly origin: Origin;
  readonly state: Pick<SpaceState, 'keyLedger' | 'liveSeq' | 'owed'>;
  readonly keyring: Pick<Keyring, 'classes' | 'currentEpoch' | 'destroy' | 'keysFor' | 'facts' | 'ownEpochs'>;
  readonly publisher: Pick<Publisher, 'me' | 'close' | 'flush'>;
  /** On the record before it is done. */
  readonly decided: (type: string, fields: Details) => Promise<void>;
}

/** Returns how many were destroyed. */
export async function destroyEpochs(parts: DestroyParts): Promise<number> {
  const held = await heldEpochs(parts);
  const unneeded = await withoutNeed(parts, held);
  if (unneeded.length === 0) return 0;
  await closeOwn(parts, unneeded);
  let destroyed = 0;
  for (const { origin, epoch } of unneeded) {
    const closed = await factOf(parts, origin, epoch);
    if (!closed || closed.closed === 0) continue;
    await destroyOne(parts, closed);
    destroyed += 1;
  }
  return destroyed;
}

/** Those whose secret is here and whose author may have done with them: others' once it says so. */
async function heldEpochs(parts: DestroyParts): Promise<readonly LedgerEpoch[]> {
  const { space, origin, state, keyring } = parts;
  const current = new Set<number | undefined>();
  for (const label of await keyring.classes(space, origin))
    current.add(await keyring.currentEpoch(space, origin, label));
  const held: LedgerEpoch[] = [];
  for await (const one of state.keyLedger.epochs()) {
    const own = originKey(one.origin) === originKey(origin);
    const over = one.closed > 0 || (own && parts.publisher.me.publishes && !current.has(one.epoch));
    if (!over) continue;
    if (await isHere(parts, one)) held.push(one);
  }
  return held;
}

/** A crash may have come between the end of the secret and its note: then that is still to be written. */
async function isHere(parts: DestroyParts, { origin, epoch, closed, grants }: LedgerEpoch): Promise<boolean> {
  const { space, keyring } = parts;
  if (await keyring.keysFor(space, origin, epoch)) return true;
  const granted = grants.some(({ node }) => node === parts.origin.node);
  return closed > 0 && granted && (await keyring.facts(space, origin, epoch)).destroyed === 0;
}

/** No live record is sealed under it, none is owed, and no row names it: nobody will ask for a chunk of it. */
async function withoutNeed(
  { state }: DestroyParts,
  held: readonly LedgerEpoch[],
): Promise<readonly LedgerEpoch[]> {
  const live = new Map<string, ReadonlyMap<number, number>>();
  const unsealed: LedgerEpoch[] = [];
  for (const one of held) {
    const feed = originKey(one.origin);
    if ((await state.owed(one.origin)) !== undefined) continue;
    const counts = live.get(feed) ?? (await state.keyLedger.live(one.origin));
    live.set(feed, counts);
    if (!counts.get(one.epoch)) unsealed.push(one);
  }
  if (unsealed.length === 0) return [];
  const inRows = await state.keyLedger.inRows();
  return unsealed.filter(({ origin, epoch }) => !inRows.has(epochKey(origin, epoch)));
}

async function closeOwn(parts: DestroyParts, unneeded: readonly LedgerEpoch[]): Promise<void> {
  const { space, origin, keyring, publisher } = parts;
  const due = new Set(
    unneeded.flatMap((one) =>
      one.closed === 0 && originKey(one.origin) === originKey(origin) ? [one.epoch] : [],
    ),
  );
  if (due.size === 0) return;
  for await (const { keys, grantTag } of keyring.ownEpochs(space, origin))
    if (due.has(keys.epoch)) publisher.close(keys, grantTag);
  await publisher.flush();
}

async function factOf(
  { state }: DestroyParts,
  origin: Origin,
  epoch: number,
): Promise<LedgerEpoch | undefined> {
  for await (const one of state.keyLedger.epochs(origin)) if (one.epoch === epoch) return one;
  return undefined;
}

async function destroyOne({ space, state, keyring, decided }: DestroyParts, one: LedgerEpoch): Promise<void> {
  const { origin, epoch, labelClass, seqs } = one;
  const readers = one.grants.length;
  await decided('epoch.destroyed', { space, node: origin.node, epoch, label: labelClass, readers });
  await keyring.destroy(space, origin, epoch);
  await state.keyLedger.compactGrants(origin, seqs);
}
