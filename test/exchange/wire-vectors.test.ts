/** The bytes of the wire, pinned: whoever changes one of these has changed the protocol (docs/protocol.md). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { maxSeq } from '#agent/core/bounds.ts';
import { isCode } from '#agent/core/errors.ts';
import { parseChunkId, parseNodeId, parseOriginKey, parseSpaceId } from '#agent/core/ids.ts';
import { auditHeaderText, noWords, readAuditHeader } from '#agent/exchange/audit-words.ts';
import {
  chunkFrames,
  frame,
  packCount,
  packIds,
  readChunks,
  readFrames,
  unpackCount,
  unpackIds,
} from '#agent/exchange/frames.ts';
import { maxHeaderBytes, maxRememberedHeads } from '#agent/exchange/limits.ts';
import { formOf, routeOf } from '#agent/exchange/routes.ts';
import { packAsk, unpackAsk } from '#agent/exchange/wanted-codec.ts';
import { errorOfReply, refusalBody, statusOf } from '#agent/exchange/wire-error.ts';
import {
  decodeEvent,
  decodeHeadsReply,
  encodeEvent,
  encodeHeadsReply,
} from '#agent/exchange/wire-messages.ts';
import {
  auditHeadOf,
  auditWordsOf,
  gather,
  headAt,
  nodeNamed,
  originOf,
  receiptFor,
  segmentAfter,
  spaceNamed,
  streamOf,
} from './sample-feed.ts';

interface Vectors {
  readonly space: string;
  readonly headsReply: string;
  readonly auditHeader: string;
  readonly noAudit: string;
  readonly event: {
    readonly node: string;
    readonly incarnation: string;
    readonly seq: number;
    readonly bytes: string;
  };
  readonly ids: { readonly ids: readonly string[]; readonly bytes: string };
  readonly ask: { readonly author: string; readonly bytes: string };
  readonly count: { readonly count: number; readonly bytes: string };
  readonly frames: { readonly bodies: readonly string[]; readonly bytes: string };
  readonly chunks: { readonly chunks: readonly { id: string; sealed: string }[]; readonly bytes: string };
  readonly routes: readonly { readonly name: string; readonly method: string; readonly path: string }[];
  readonly refusal: { readonly code: 'AGREEMENT_MISMATCH'; readonly status: number; readonly body: string };
  readonly mustFail: readonly {
    readonly reader: keyof typeof readers;
    readonly bytes: string;
    readonly why: string;
  }[];
}

const file = new URL('../vectors/wire.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const space = parseSpaceId(vectors.space);
const bytes = (hex: string): Uint8Array => Uint8Array.fromHex(hex);
const join = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('hex');

const readers = {
  headsReply: async (b: Uint8Array) => void decodeHeadsReply(b, space),
  auditHeader: async (b: Uint8Array) => void readAuditHeader(Buffer.from(b).toString('latin1')),
  event: async (b: Uint8Array) => void decodeEvent(b),
  ask: async (b: Uint8Array) => void unpackAsk(b, 512),
  count: async (b: Uint8Array) => void unpackCount(b, 2),
  ids: async (b: Uint8Array) => void unpackIds(b, 512),
  frames: async (b: Uint8Array) => void (await gather(readFrames(streamOf([b]), { frame: 64, total: 1024 }))),
  chunks: async (b: Uint8Array) => void (await gather(readChunks(streamOf([b]), 1024))),
} as const;

test('a heads reply', () => {
  const head = headAt(segmentAfter(space, originOf(nodeNamed('author')), undefined));
  const reply = {
    heads: [head],
    receipts: [receiptFor(head, nodeNamed('reader'))],
    dialsBack: false,
    role: 'relay',
    wanted: vectors.ids.ids.map((id) => ({ author: nodeNamed('author'), id: parseChunkId(id) })),
    audit: auditWordsOf(nodeNamed('relay'), nodeNamed('reader')),
  } as const;
  expect(spaceNamed('vectors')).toBe(space);
  expect(Buffer.from(encodeHeadsReply(reply)).toString('hex')).toBe(vectors.headsReply);
  expect(decodeHeadsReply(bytes(vectors.headsReply), space)).toEqual(reply);
});

test('the audit words of a question', () => {
  const words = auditWordsOf(nodeNamed('reader'), nodeNamed('relay'));
  expect(auditHeaderText(words)).toBe(vectors.auditHeader);
  expect(readAuditHeader(vectors.auditHeader)).toEqual(words);
  expect(readAuditHeader(undefined)).toEqual(noWords);
  expect(auditHeaderText(noWords)).toBe(vectors.noAudit);
  expect(readAuditHeader(vectors.noAudit)).toEqual(noWords);
});

test('audit words fit into a header when they are full, and no more than that is told', () => {
  const other = nodeNamed('relay');
  const all = Array.from({ length: 20 }, (_, i) => auditHeadOf(other, maxSeq - 20 + i));
  const text = auditHeaderText({ head: auditHeadOf(nodeNamed('reader'), maxSeq), remembered: all });
  expect(text.length).toBeLessThan(maxHeaderBytes / 2);
  expect(readAuditHeader(text).remembered).toEqual(all.slice(-maxRememberedHeads));
});

test('an event', () => {
  const { node, incarnation, seq } = vectors.event;
  const event = { space, origin: parseOriginKey(`${parseNodeId(node)}.${incarnation}`), seq };
  expect(Buffer.from(encodeEvent(event)).toString('hex')).toBe(vectors.event.bytes);
  expect(decodeEvent(bytes(vectors.event.bytes))).toEqual(event);
});

test('a list of ids', () => {
  const ids = vectors.ids.ids.map(parseChunkId);
  expect(join([packIds(ids)])).toBe(vectors.ids.bytes);
  expect(unpackIds(bytes(vectors.ids.bytes), 512)).toEqual(ids);
});

test('a request for chunks of an author', () => {
  const ask = { author: parseNodeId(vectors.ask.author), ids: vectors.ids.ids.map(parseChunkId) };
  expect(join([packAsk(ask.author, ask.ids)])).toBe(vectors.ask.bytes);
  expect(unpackAsk(bytes(vectors.ask.bytes), 512)).toEqual(ask);
});

test('the count of what was dropped', () => {
  const { count, bytes: hex } = vectors.count;
  expect(join([packCount(count)])).toBe(hex);
  expect(unpackCount(bytes(hex), 2)).toBe(count);
});

test.each([1, 3, 1000])('frames and chunks, arriving %i bytes at a time', async (step) => {
  const inPieces = (hex: string) => {
    const all = bytes(hex);
    const count = Math.ceil(all.length / step);
    return streamOf(Array.from({ length: count }, (_, i) => all.subarray(i * step, (i + 1) * step)));
  };
  const bodies = vectors.frames.bodies.map(bytes);
  expect(join(bodies.map(frame))).toBe(vectors.frames.bytes);
  expect(await gather(readFrames(inPieces(vectors.frames.bytes), { frame: 64, total: 1024 }))).toEqual(
    bodies,
  );
  const chunks = vectors.chunks.chunks.map(({ id, sealed }) => ({
    id: parseChunkId(id),
    sealed: bytes(sealed),
  }));
  expect(join(await gather(chunkFrames(streamOf(chunks))))).toBe(vectors.chunks.bytes);
  expect(await gather(readChunks(inPieces(vectors.chunks.bytes), 1024))).toEqual(chunks);
});

test('routes, read and written', () => {
  for (const { name, method, path } of vectors.routes) {
    const route = routeOf(method, path);
    expect(route.name).toBe(name);
    expect(formOf(route)).toEqual({ method, path });
  }
});

test('a refusal', () => {
  const { code, status, body } = vectors.refusal;
  expect(refusalBody(code)).toBe(body);
  expect(statusOf(code)).toBe(status);
  expect(errorOfReply(status, body, { peer: 'x' })).toMatchObject({ code, retry: 'after-change' });
  expect(errorOfReply(status, '{"code":"FEED_GAPE"}', { peer: 'x' })).toMatchObject({ code: 'PEER_REFUSED' });
  expect(errorOfReply(500, body, { peer: 'x' })).toMatchObject({ code: 'PEER_REFUSED', retry: 'later' });
});

describe('must fail', () => {
  test.each(vectors.mustFail)('$reader: $why', async ({ reader, bytes: hex }) => {
    const error = await readers[reader](bytes(hex)).catch((e: unknown) => e);
    const known = ['CODEC_MALFORMED', 'BODY_MALFORMED', 'BODY_TOO_LARGE', 'ID_MALFORMED'];
    expect(known.some((code) => isCode(error, code))).toBe(true);
  });
});
