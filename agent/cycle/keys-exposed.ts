/**
 * What a member was able to read: every record sealed under an epoch that was ever granted to it. Nothing that was
 * published after it was left out is among it, since that is under another epoch; nor is a class it was not granted.
 */
import { away, orAway } from '#agent/apply/or-away.ts';
import { rulesOf } from '#agent/core/cells.ts';
import { type NodeId, type Origin, originKey, type SpaceId } from '#agent/core/ids.ts';
import type { ItemChange } from '#agent/core/item.ts';
import { ownChange } from '#agent/core/read-back.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import type { SealedItem } from '#agent/feed/key-ledger.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type { ExposedLine, Party } from '#agent/status/control-keys.ts';

export interface ExposedParts {
  readonly space: SpaceId;
  readonly state: SpaceState;
  readonly keyring: Pick<Keyring, 'keysFor'>;
  readonly party: (node: string) => Party;
}

/** The last record that was told of. */
export interface ExposedPlace {
  readonly member: string;
  readonly feed: string;
  readonly seq: number;
}

interface Granted {
  readonly origin: Origin;
  readonly classes: ReadonlyMap<number, string>;
}

/** Of each member, sorted by node id; what it published itself is left out. Goes on behind `after`. */
export async function* exposedLines(
  parts: ExposedParts,
  members: readonly NodeId[],
  after?: ExposedPlace,
): AsyncGenerator<ExposedLine> {
  const receipts = await parts.state.receipts();
  for (const member of [...members].sort()) {
    if (after && member < after.member) continue;
    for (const { origin, classes } of await grantedTo(parts, member)) {
      const feed = originKey(origin);
      const here = after?.member === member ? after : undefined;
      if (here && feed < here.feed) continue;
      const from = here?.feed === feed ? here.seq + 1 : 1;
      const receipt = receipts.find((r) => r.reader === member && originKey(r.origin) === feed)?.seq ?? 0;
      for await (const item of parts.state.keyLedger.sealed(origin, from)) {
        if (item.epoch !== undefined && !classes.has(item.epoch)) continue;
        yield {
          ...(await lineOf(parts, origin, item)),
          labelClass: classes.get(item.epoch ?? 0) ?? '',
          member: parts.party(member),
          fetched: receipt >= item.seq,
        };
      }
    }
  }
}

/** The feeds with epochs that the member was granted, in the order of their keys. */
async function grantedTo({ state }: ExposedParts, member: NodeId): Promise<readonly Granted[]> {
  const feeds = new Map<string, { readonly origin: Origin; readonly classes: Map<number, string> }>();
  for await (const { origin, epoch, labelClass, grants } of state.keyLedger.epochs()) {
    if (origin.node === member || !grants.some(({ node }) => node === member)) continue;
    const key = originKey(origin);
    const feed = feeds.get(key) ?? { origin, classes: new Map() };
    feeds.set(key, feed);
    feed.classes.set(epoch, labelClass);
  }
  return [...feeds.values()];
}

async function lineOf(parts: ExposedParts, origin: Origin, item: SealedItem) {
  const { seq, time, tag, epoch } = item;
  const place = { publisher: parts.party(origin.node), incarnation: origin.incarnation as string, seq, time };
  // Which class it was of is not known, so nobody can say that the member was able to read it: counted, never named.
  if (epoch === undefined) return { ...place, epoch: 0, state: 'unknown' } as const;
  const newest = await parts.state.liveSeq(origin, tag);
  const change = newest === undefined ? undefined : await changeAt(parts, origin, newest);
  const path = change ? { path: change.path } : {};
  return { ...place, ...path, epoch, state: stateOf(newest === seq, change) };
}

function stateOf(isNewest: boolean, change: ItemChange | undefined): 'live' | 'deleted' | 'superseded' {
  if (!isNewest || change?.state.kind === 'yield') return 'superseded';
  return change?.state.kind === 'gone' ? 'deleted' : 'live';
}

/** All records of one tag are of one path: the newest names those that are gone. Undefined when it is closed to us. */
async function changeAt({ space, state, keyring }: ExposedParts, origin: Origin, seq: number) {
  const body = await state.record(origin, seq);
  const record = body && decodeRecord(body);
  if (record?.type !== 'item') return undefined;
  const keys = await keyring.keysFor(space, origin, record.epoch);
  const plain = keys && orAway(() => keys.openRecord(record.sealed));
  if (plain === away) return undefined;
  return keys && plain && ownChange(plain, rulesOf(keys.form));
}
