/**
 * What a batch adds to the key ledger: who was granted which epoch, and under which each record is sealed. In the same
 * batch as the records themselves, so that the ledger is exact after any crash; what is in it is never taken out.
 */
import { isCode } from '#agent/core/errors.ts';
import { bytesOf, type NodeId, type Origin } from '#agent/core/ids.ts';
import type { GrantRecord } from '#agent/core/record.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import { peekRecord } from '#agent/core/record-peek.ts';
import type { Segment, SegmentHeader } from '#agent/core/segment.ts';
import type { Op } from './db.ts';
import {
  decodeEpoch,
  decodeRuns,
  type EpochFact,
  encodeEpoch,
  encodeGrant,
  encodeRuns,
  type GrantFact,
  keptSeqs,
} from './key-entries.ts';
import { epochOfBody, epochsOf, runsOf, unknownEpoch } from './key-runs.ts';
import type { SpaceCore } from './space-core.ts';

type Seen = GrantFact & { readonly record: GrantRecord };

export class LedgerChanges {
  readonly #core: SpaceCore;
  readonly #origin: Origin;
  readonly #runs = new Map<number, Uint8Array>();
  readonly #filled = new Map<number, { readonly length: number; readonly epochs: Map<number, number> }>();
  readonly #grants: Seen[] = [];

  constructor(core: SpaceCore, origin: Origin) {
    this.#core = core;
    this.#origin = origin;
  }

  take({ header, bodies }: Segment): void {
    this.#runs.set(header.first, encodeRuns(runsOf(header.entries.map((_, i) => epochOfBody(bodies[i])))));
    for (const [i, body] of bodies.entries()) if (body) this.#note(header, i, body);
  }

  /** A body that was left out when its segment came. */
  fill(header: SegmentHeader, i: number, body: Uint8Array): void {
    const known = this.#filled.get(header.first) ?? { length: header.entries.length, epochs: new Map() };
    known.epochs.set(i, epochOfBody(body));
    this.#filled.set(header.first, known);
    this.#note(header, i, body);
  }

  /** What is malformed is judged by who reads the record, not here. */
  #note({ first, time }: SegmentHeader, i: number, body: Uint8Array): void {
    if (peekRecord(body)?.type !== 'grant') return;
    try {
      const record = decodeRecord(body);
      if (record.type === 'grant') this.#grants.push({ record, at: time, seq: first + i });
    } catch (error) {
      if (!isCode(error, 'CODEC_MALFORMED')) throw error;
    }
  }

  async ops(): Promise<Op[]> {
    const { keys } = this.#core;
    for (const first of this.#filled.keys()) await this.#fillRuns(first);
    const ops: Op[] = [];
    for (const [first, value] of this.#runs) ops.push({ key: keys.sealedUnder(this.#origin, first), value });
    return [...ops, ...(await this.#epochOps()), ...(await this.#grantOps())];
  }

  async #fillRuns(first: number): Promise<void> {
    const filled = this.#filled.get(first);
    const bytes =
      this.#runs.get(first) ?? (await this.#core.db.get(this.#core.keys.sealedUnder(this.#origin, first)));
    const length = filled?.length ?? 0;
    const epochs = bytes ? epochsOf(decodeRuns(bytes)) : Array.from({ length }, () => unknownEpoch);
    for (const [i, epoch] of filled?.epochs ?? []) epochs[i] = epoch;
    this.#runs.set(first, encodeRuns(runsOf(epochs)));
  }

  /** A grant to nobody is its author's word that the epoch is over. */
  async #epochOps(): Promise<Op[]> {
    const { db, keys } = this.#core;
    const facts = new Map<number, EpochFact>();
    for (const { record, at, seq } of this.#grants) {
      const { epoch, labelClass, suite } = record;
      const bytes = facts.has(epoch) ? undefined : await db.get(keys.epochFact(this.#origin, epoch));
      const known = facts.get(epoch) ?? (bytes && decodeEpoch(bytes));
      const first = known ?? { labelClass, suite, at, seqs: [], closed: 0 };
      const closed = record.grants.length === 0 ? at : 0;
      facts.set(epoch, {
        ...first,
        seqs: [...first.seqs, seq].slice(-keptSeqs),
        closed: first.closed || closed,
      });
    }
    return [...facts].map(([epoch, fact]) => ({
      key: keys.epochFact(this.#origin, epoch),
      value: encodeEpoch(fact),
    }));
  }

  /** The first grant to a reader stays. */
  async #grantOps(): Promise<Op[]> {
    const { db } = this.#core;
    const firsts = new Map<string, { readonly key: Uint8Array; readonly fact: GrantFact }>();
    for (const { record, at, seq } of this.#grants)
      for (const { node } of record.grants) {
        const id = `${record.epoch} ${node}`;
        if (!firsts.has(id)) firsts.set(id, { key: this.#grantKey(record.epoch, node), fact: { at, seq } });
      }
    const all = [...firsts.values()];
    const known = await db.getMany(all.map(({ key }) => key));
    const fresh = all.filter((_, i) => !known[i]);
    return fresh.map(({ key, fact }) => ({ key, value: encodeGrant(fact) }));
  }

  #grantKey(epoch: number, node: NodeId): Uint8Array {
    return this.#core.keys.grantFact(this.#origin, epoch, bytesOf(node));
  }
}
