/** How the key ledger rests in the database: what is known of an epoch, of a grant, and what each segment is sealed under. */
import { decode, encode } from '#agent/core/codec.ts';
import { Fields } from '#agent/core/fields.ts';
import type { Runs } from './key-runs.ts';

/** Times are those of the segment's header, milliseconds since the Unix epoch. */
export interface EpochFact {
  readonly labelClass: string;
  readonly suite: string;
  /** Of its first grant: that is when the epoch began for others. */
  readonly at: number;
  /** Its newest grants, 64 at most. */
  readonly seqs: readonly number[];
  /** When its author said that nothing is sealed under it any more; 0 while it has not. */
  readonly closed: number;
}

/** The first grant to a reader. */
export interface GrantFact {
  readonly at: number;
  readonly seq: number;
}

export const keptSeqs = 64;

export const encodeEpoch = (fact: EpochFact): Uint8Array => encode({ v: 1, ...fact });

export function decodeEpoch(bytes: Uint8Array): EpochFact {
  const fields = new Fields('epoch', decode(bytes, 4096));
  fields.int('v', 1, 1);
  const fact = {
    labelClass: fields.text('labelClass', 64),
    suite: fields.text('suite', 64),
    at: fields.int('at', 0),
    seqs: fields.list('seqs', 0, keptSeqs).map((seq) => Number(seq)),
    closed: fields.int('closed', 0),
  };
  fields.end();
  return fact;
}

export const encodeGrant = ({ at, seq }: GrantFact): Uint8Array => encode([at, seq]);

export function decodeGrant(bytes: Uint8Array): GrantFact {
  const [at, seq] = decode(bytes, 64) as [number, number];
  return { at, seq };
}

export const encodeRuns = (runs: Runs): Uint8Array => encode(runs.map(([count, epoch]) => [count, epoch]));

export const decodeRuns = (bytes: Uint8Array): Runs => decode(bytes, 65_536) as [number, number][];
