/** No number of any message is wider than what storage holds: one bound for each, at decode. */
import { expect, it } from 'vitest';
import { decodeAuditHead, encodeAuditHead } from '#agent/core/audit-head.ts';
import { maxSeq, maxTimeMs } from '#agent/core/bounds.ts';
import { decodeChange } from '#agent/core/change-codec.ts';
import { decode, encode } from '#agent/core/codec.ts';
import { decodeRefusal, encodeRefusal } from '#agent/core/correction-codec.ts';
import { parseNotice } from '#agent/core/notice.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import {
  decodeHead,
  decodeHeader,
  decodeReceipt,
  decodeSegment,
  encodeHeader,
} from '#agent/core/segment-codec.ts';
import { routeOf } from '#agent/exchange/routes.ts';
import { decodeEvent, encodeEvent } from '#agent/exchange/wire-messages.ts';
import { joinKey, numberAsBytes } from '#agent/feed/keys.ts';
import { auditHeadOf, nodeNamed, originOf, spaceNamed } from '#test/exchange/sample-feed.ts';
import { readVectors } from './vector.ts';

interface Message {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly read: (bytes: Uint8Array) => unknown;
}

const readers: Readonly<Record<string, Message['read']>> = {
  header: decodeHeader,
  segment: decodeSegment,
  head: decodeHead,
  receipt: decodeReceipt,
  record: decodeRecord,
  change: decodeChange,
};
const vectors = readVectors<{ valid: { name: string; kind: string; hex: string }[] }>('codec.json').valid;
const event = { space: spaceNamed('any'), origin: originOf(nodeNamed('one')), seq: 5 };
const messages: Message[] = [
  ...vectors.map(({ name, kind, hex }) => ({
    name,
    bytes: Uint8Array.fromHex(hex),
    read: readers[kind] ?? decode,
  })),
  { name: 'audit head', bytes: encodeAuditHead(auditHeadOf(nodeNamed('one'), 5)), read: decodeAuditHead },
  { name: 'event', bytes: encodeEvent(event), read: decodeEvent },
  { name: 'answer', bytes: encodeRefusal({ seq: 5, reason: 'no' }), read: decodeRefusal },
];

const isNumber = (value: unknown) => typeof value === 'number' || typeof value === 'bigint';
/** What an index holds as it is, 64 bits. */
const wide = new Set(['mtime']);

/** The message with each of its numbers, also those of lists and maps within, in the place of `put`. */
function* withNumber(value: unknown, put: unknown, field = ''): Generator<unknown> {
  if (isNumber(value) && !wide.has(field)) yield put;
  else if (Array.isArray(value)) {
    for (const [i, one] of value.entries())
      for (const each of withNumber(one, put, field)) yield value.with(i, each);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    for (const [key, one] of Object.entries(value))
      for (const each of withNumber(one, put, key)) yield { ...value, [key]: each };
  }
}

it.each(messages)('$name', ({ bytes, read }) => {
  expect(() => read(bytes)).not.toThrow();
  for (const put of [2 ** 48, 2 ** 49, 2 ** 53 - 1, 2n ** 53n, 2n ** 63n, -1, -(2n ** 63n)])
    for (const broken of withNumber(decode(bytes), put))
      expect(() => read(encode(broken))).toThrow(expect.objectContaining({ code: 'CODEC_MALFORMED' }));
});

it('of the last record of a segment, which no field names', () => {
  const { hex = '' } = vectors.find(({ kind }) => kind === 'header') ?? {};
  const header = decodeHeader(Uint8Array.fromHex(hex));
  const [entry] = header.entries;
  if (!entry) throw new Error('a vector without records');
  const read = (records: number) => {
    const entries = Array.from({ length: records }, () => entry);
    return decodeHeader(encodeHeader({ ...header, first: maxSeq, prev: entry.hash, entries }));
  };
  expect(read(1).first).toBe(maxSeq);
  expect(() => read(2)).toThrow(expect.objectContaining({ code: 'CODEC_MALFORMED' }));
});

it('of the time of an audit head, which is UTC with six digits', () => {
  const head = auditHeadOf(nodeNamed('one'), 5);
  for (const time of ['2026-07-01T00:00:00Z', '2026-07-01T00:00:00.000000', '10000-01-01T00:00:00.000000Z'])
    expect(() => decodeAuditHead(encodeAuditHead({ ...head, time }))).toThrow(
      expect.objectContaining({ code: 'CODEC_MALFORMED' }),
    );
});

it('of an address and of a notice', () => {
  const path = (from: number) =>
    `/v1/spaces/${event.space}/segments/${nodeNamed('one')}.00000000000000aa?from=${from}`;
  expect(routeOf('GET', path(maxSeq))).toMatchObject({ from: maxSeq });
  expect(() => routeOf('GET', path(maxSeq + 1))).toThrow(expect.objectContaining({ code: 'ROUTE_UNKNOWN' }));
  const notice = {
    version: 1,
    notice: 'suspend',
    space: event.space,
    owner: nodeNamed('one'),
    number: 2 ** 40,
  };
  const more = { reason: 'why', issued: '2026-07-01T00:00:00.000Z', signature: 'ab'.repeat(64) };
  expect(() => parseNotice({ ...notice, ...more })).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ field: 'number' }) }),
  );
});

it('the bounds fit into the keys of the database, with what is added on the way, and have a date of four digits', () => {
  for (const most of [maxSeq + 2048, maxTimeMs]) expect(() => numberAsBytes(most)).not.toThrow();
  expect(joinKey(maxSeq)).toHaveLength(6);
  expect(new Date(maxTimeMs).toISOString()).toBe('9999-12-31T23:59:59.999Z');
});
