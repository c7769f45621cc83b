/** Reads the key ledger of a space: every epoch that was ever granted, to whom, and what is sealed under it. */
import {
  hexText,
  type NodeId,
  type Origin,
  originKey,
  parseIncarnation,
  parseNodeId,
  type Tag,
} from '#agent/core/ids.ts';
import type { Row } from '#agent/core/item.ts';
import { peekRecord } from '#agent/core/record-peek.ts';
import { readSegments } from './feed-read.ts';
import { decodeStored } from './feed-store.ts';
import { headerKept } from './kept.ts';
import { decodeEpoch, decodeGrant, decodeRuns, type EpochFact, type GrantFact } from './key-entries.ts';
import { epochsOf, noItem, unknownEpoch } from './key-runs.ts';
import { allUnder, numberAsBytes, numberFrom } from './keys.ts';
import { LedgerChanges } from './ledger-changes.ts';
import { decodeRow } from './row-codec.ts';
import type { SpaceCore } from './space-core.ts';

export interface LedgerEpoch extends EpochFact {
  readonly origin: Origin;
  readonly epoch: number;
  readonly grants: readonly (GrantFact & { readonly node: NodeId })[];
}

/** One record that is or was sealed under `epoch`; undefined when its body was gone before that was written down. */
export interface SealedItem {
  readonly seq: number;
  readonly tag: Tag;
  /** Of its segment, milliseconds since the Unix epoch. */
  readonly time: number;
  readonly epoch: number | undefined;
}

/** Kind, space. */
const skipped = 1 + 16;
const originBytes = 32 + 8;
const doneCursor = 'key-ledger';
/** The greatest number that a key holds. */
const maxSeq = 2 ** 48 - 1;

export const epochKey = (origin: Origin, epoch: number): string => `${originKey(origin)}/${epoch}`;

export class KeyLedger {
  readonly #core: SpaceCore;

  constructor(core: SpaceCore) {
    this.#core = core;
  }

  /** Sorted by origin, then by number. */
  async *epochs(of?: Origin): AsyncGenerator<LedgerEpoch> {
    const { db, keys } = this.#core;
    let now: (Omit<LedgerEpoch, 'grants'> & { grants: LedgerEpoch['grants'][number][] }) | undefined;
    for await (const [key, value] of db.entries(of ? keys.epochFactsOf(of) : keys.allEpochFacts())) {
      const node = key.subarray(skipped + originBytes + 6);
      if (node.length > 0) {
        now?.grants.push({ node: parseNodeId(hexText(node)), ...decodeGrant(value) });
        continue;
      }
      if (now) yield now;
      now = { ...decodeEpoch(value), ...placeOf(key), grants: [] };
    }
    if (now) yield now;
  }

  /** The label class of an epoch that was ever granted, also when its secret has been destroyed since. */
  async classOf(origin: Origin, epoch: number): Promise<string | undefined> {
    const found = await this.#core.db.get(this.#core.keys.epochFact(origin, epoch));
    return found && decodeEpoch(found).labelClass;
  }

  /** Whoever was ever granted an epoch. */
  async grantees(origin: Origin, epoch: number): Promise<NodeId[]> {
    const { db, keys } = this.#core;
    const found: NodeId[] = [];
    const own = keys.epochFact(origin, epoch);
    for await (const [key] of db.entries(allUnder(own)))
      if (key.length > own.length) found.push(parseNodeId(hexText(key.subarray(own.length))));
    return found;
  }

  /** Every item record of a feed from `from` on, as its segment named it; grants are left out. */
  async *sealed(origin: Origin, from: number): AsyncGenerator<SealedItem> {
    const { db, keys } = this.#core;
    for await (const [key, value] of db.entries(keys.segments(origin, await this.#segmentOf(origin, from)))) {
      const header = headerKept(decodeStored(value).headerBytes);
      const runs = await db.get(keys.sealedUnder(origin, numberFrom(key, -6)));
      const epochs = runs ? epochsOf(decodeRuns(runs)) : [];
      for (const [i, { tag }] of header.entries.entries()) {
        const epoch = epochs[i] ?? unknownEpoch;
        const seq = header.first + i;
        if (seq < from || epoch === noItem) continue;
        yield { seq, tag, time: header.time, epoch: epoch === unknownEpoch ? undefined : epoch };
      }
    }
  }

  /** The first number of the segment that holds `seq`. */
  async #segmentOf(origin: Origin, seq: number): Promise<number> {
    const { db, keys } = this.#core;
    const before = db.entries(keys.segmentsUpTo(origin, seq), { reverse: true, limit: 1 });
    for await (const [key] of before) return numberFrom(key, -6);
    return 0;
  }

  /** How many live item records each epoch of a feed has. */
  async live(origin: Origin): Promise<ReadonlyMap<number, number>> {
    const { db, keys } = this.#core;
    const counts = new Map<number, number>();
    for await (const [, body] of db.entries(keys.bodies(origin, 0, maxSeq))) {
      const peeked = peekRecord(body);
      if (peeked?.type === 'item') counts.set(peeked.epoch, (counts.get(peeked.epoch) ?? 0) + 1);
    }
    return counts;
  }

  /** Epochs that some row still names: of what is wanted, won, lost or served. By `epochKey`. */
  async inRows(): Promise<ReadonlySet<string>> {
    const { db, keys } = this.#core;
    const found = new Set<string>();
    for await (const [, value] of db.entries(keys.allRows())) noteRow(found, decodeRow(value));
    return found;
  }

  /** Takes the wrapped secrets of dropped grants off the disk, as far as no reader holds an older view of it. */
  async compactGrants(origin: Origin, seqs: readonly number[]): Promise<void> {
    const { db, keys } = this.#core;
    for (const seq of seqs) await db.compact(keys.bodies(origin, seq, seq + 1));
  }

  /** Once in a state's life: what came before there was a ledger, as far as it is still in the feeds. */
  async complete(origins: readonly Origin[]): Promise<void> {
    const core = this.#core;
    const done = core.keys.cursor(doneCursor);
    await core.decisions.run(async () => {
      if (await core.db.get(done)) return;
      for (const origin of origins)
        for await (const segment of readSegments(core, origin, 1)) {
          const changes = new LedgerChanges(core, origin);
          if (await core.db.get(core.keys.sealedUnder(origin, segment.header.first))) continue;
          changes.take(segment);
          await core.db.write(await changes.ops());
        }
      await core.db.write([{ key: done, value: numberAsBytes(1) }]);
    });
  }
}

function placeOf(key: Uint8Array): { readonly origin: Origin; readonly epoch: number } {
  const node = parseNodeId(hexText(key.subarray(skipped, skipped + 32)));
  const incarnation = parseIncarnation(hexText(key.subarray(skipped + 32, skipped + originBytes)));
  return { origin: { node, incarnation }, epoch: numberFrom(key, skipped + originBytes) };
}

function noteRow(found: Set<string>, { local, remote }: Row): void {
  if (local?.sealedBy && local.epoch !== undefined) found.add(epochKey(local.sealedBy, local.epoch));
  for (const record of remote ? [remote, ...(remote.rivals ?? [])] : [])
    found.add(epochKey(record.author, record.epoch));
}
