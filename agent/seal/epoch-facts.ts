/** What is kept of an epoch beside its secret, and when the secret is gone: why it was opened, and its end. */
import { decode, encode } from '#agent/core/codec.ts';
import { Fields } from '#agent/core/fields.ts';

/**
 * Why an epoch was opened: the first of its class, other readers, the timetable, a person, a secret that was lost,
 * a device for state secrets with another key, another way to cut and pad.
 */
export const openingReasons = [
  'new',
  'readers-changed',
  'timetable',
  'by-hand',
  'secret-lost',
  'other-device',
  'new-form',
] as const;
export type OpeningReason = (typeof openingReasons)[number];

/** Times are milliseconds since the Unix epoch; 0 when unknown, or not so. */
export interface EpochFacts {
  readonly opened: number;
  /** Undefined for an epoch of another node, or one from before this was written down. */
  readonly why: OpeningReason | undefined;
  readonly destroyed: number;
}

export const unknownFacts: EpochFacts = { opened: 0, why: undefined, destroyed: 0 };

export const encodeFacts = ({ opened, why, destroyed }: EpochFacts): Uint8Array =>
  encode({ v: 1, opened, why: why ?? 'unknown', destroyed });

/** Throws CODEC_MALFORMED. */
export function decodeFacts(bytes: Uint8Array): EpochFacts {
  const fields = new Fields('epoch facts', decode(bytes, 1024));
  fields.int('v', 1, 1);
  const why = fields.text('why', 64);
  const facts = {
    opened: fields.int('opened', 0),
    why: openingReasons.find((reason) => reason === why),
    destroyed: fields.int('destroyed', 0),
  };
  fields.end();
  return facts;
}
