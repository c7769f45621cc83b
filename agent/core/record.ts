/** The records of a feed, as anyone may see them. A relay can read no more than this. */
import type { NodeId } from './ids.ts';
import type { NamedForm } from './seal-form.ts';

/** One sealed change of one item. `sealed` opens to an `ItemChange` under the epoch's record key. */
export interface ItemRecord {
  readonly type: 'item';
  readonly epoch: number;
  readonly labelClass: string;
  readonly sealed: Uint8Array;
}

/** An epoch's secret, wrapped to one reader (HPKE: encapsulated key and ciphertext). */
export interface Grant {
  readonly node: NodeId;
  readonly enc: Uint8Array;
  readonly sealed: Uint8Array;
}

/**
 * Opens an epoch: its secret for exactly the readers listed. Comes before the first record of its epoch. To nobody, in the
 * place of an earlier one: the epoch is over, and nothing is sealed under it.
 */
export interface GrantRecord {
  readonly type: 'grant';
  readonly epoch: number;
  readonly labelClass: string;
  readonly suite: string;
  /** How the epoch cuts and pads; `padme` when absent. */
  readonly form?: NamedForm;
  readonly grants: readonly Grant[];
}

export type FeedRecord = ItemRecord | GrantRecord;
