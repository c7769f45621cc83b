/** Bytes of the records of a feed, as a relay sees them. */
import { maxEpoch } from './bounds.ts';
import { decode, encode } from './codec.ts';
import { Fields } from './fields.ts';
import { bytesOf, parseNodeId } from './ids.ts';
import type { FeedRecord, Grant, GrantRecord, ItemRecord } from './record.ts';
import { namedForms } from './seal-form.ts';
import { maxSegmentBytes } from './segment.ts';

const maxGrants = 4096;
const maxNameLength = 64;
/** Of each grant three fields. */
export const recordShape = { values: 8 * maxGrants, depth: 3 };
const types = ['item', 'grant'] as const;

export function encodeRecord(r: FeedRecord): Uint8Array {
  if (r.type === 'item') {
    return encode({ type: 'item', epoch: r.epoch, label: r.labelClass, sealed: r.sealed });
  }
  const grants = r.grants.map(({ node, enc, sealed }) => ({ node: bytesOf(node), enc, sealed }));
  const form = r.form ? { form: r.form } : {};
  return encode({ type: 'grant', epoch: r.epoch, label: r.labelClass, suite: r.suite, ...form, grants });
}

/** Throws CODEC_MALFORMED. */
export function decodeRecord(bytes: Uint8Array): FeedRecord {
  const fields = new Fields('record', decode(bytes, maxSegmentBytes, recordShape));
  const record = fields.oneOf('type', types) === 'item' ? readItem(fields) : readGrants(fields);
  fields.end();
  return record;
}

const readEpoch = (fields: Fields) => ({
  epoch: fields.int('epoch', 1, maxEpoch),
  labelClass: fields.text('label', maxNameLength),
});

function readItem(fields: Fields): ItemRecord {
  return { type: 'item', ...readEpoch(fields), sealed: fields.someBytes('sealed') };
}

function readGrants(fields: Fields): GrantRecord {
  const suite = fields.text('suite', maxNameLength);
  const form = fields.has('form') ? { form: fields.oneOf('form', namedForms) } : {};
  const grants = fields.list('grants', 0, maxGrants).map(readGrant);
  if (new Set(grants.map((g) => g.node)).size !== grants.length) fields.fail('grants', 'each reader once');
  return { type: 'grant', ...readEpoch(fields), suite, ...form, grants };
}

function readGrant(value: unknown): Grant {
  const fields = new Fields('grant', value);
  const grant = {
    node: fields.id('node', 32, parseNodeId),
    enc: fields.someBytes('enc'),
    sealed: fields.someBytes('sealed'),
  };
  fields.end();
  return grant;
}
