/** One function for each resource: reads and checks the request, asks the backend, writes the reply. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DongboError } from '#agent/core/errors.ts';
import { type NodeId, originKey, type SpaceId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { type Head, lastSeq, type Receipt, type Segment } from '#agent/core/segment.ts';
import { encodeSegment } from '#agent/core/segment-codec.ts';
import { auditHeader, readAuditHeader } from './audit-words.ts';
import type { ExchangeBackend } from './backend.ts';
import {
  chunkFrame,
  chunkFrameBytes,
  frame,
  idBytes,
  packCount,
  packIds,
  readChunks,
  readFrames,
  readWhole,
  unpackIds,
} from './frames.ts';
import {
  maxChunkStreamBytes,
  maxIdsPerRequest,
  maxReceiptsBytes,
  maxReceiptsPerRequest,
  maxSegmentFrame,
  maxSegmentPushBytes,
  maxSmallFrame,
} from './limits.ts';
import { bytesType, cborType, sendDone, sendStream, sendWhole } from './reply.ts';
import { bodyOf } from './request-body.ts';
import { leftHeader, type Route } from './routes.ts';
import type { Semaphore } from './semaphore.ts';
import type { Place, UploadPlaces } from './upload-places.ts';
import { askBytes, unpackAsk } from './wanted-codec.ts';
import { decodeHeadOf, decodeReceiptOf, decodeSegmentOf, encodeHeadsReply } from './wire-messages.ts';

export interface Call {
  readonly caller: NodeId;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Aborted when the connection closes and when the server stops. */
  readonly signal: AbortSignal;
}

export interface Parts {
  readonly backend: ExchangeBackend;
  /** Checks of what has come. */
  readonly segmentPushes: Semaphore;
  /** Bodies that come in. */
  readonly uploads: UploadPlaces;
}

type SpaceRoute = Exclude<Route, { readonly name: 'events' }>;

/** Answers one request about a space; every failure comes out as it is. */
export async function answer(call: Call, route: SpaceRoute, parts: Parts): Promise<void> {
  const { caller, res, signal } = call;
  const { space } = route;
  switch (route.name) {
    case 'heads': {
      const audit = readAuditHeader(call.req.headers[auditHeader]);
      const left = call.req.headers[leftHeader] === '1';
      const reply = await parts.backend.heads(caller, space, signal, audit, left);
      return sendWhole(res, cborType, encodeHeadsReply(reply));
    }
    case 'segments':
      return sendStream(
        res,
        framed(parts.backend.segments(caller, space, route.origin, route.from, signal)),
        signal,
      );
    case 'pushSegments':
      await takeSegments(call, space, parts);
      return sendDone(res);
    case 'pushReceipts':
      await parts.backend.pushReceipts(caller, space, await readReceipts(call, space), signal);
      return sendDone(res);
    case 'missing': {
      const missing = await parts.backend.missing(caller, space, await readIds(call), signal);
      return sendWhole(res, bytesType, packIds(missing));
    }
    case 'getChunks': {
      const { author, ids } = await readAsk(call);
      const chunks = parts.backend.getChunks(caller, space, author, ids, signal);
      return sendStream(res, fitting(chunks), signal);
    }
    case 'putChunks': {
      parts.backend.mustBring(caller, space);
      await parts.uploads.run(caller, (place) => takeChunks(call, place, space, parts.backend), signal);
      return sendDone(res);
    }
    case 'dropChunks': {
      const dropped = await parts.backend.dropChunks(caller, space, await readIds(call), signal);
      return sendWhole(res, bytesType, packCount(dropped));
    }
  }
}

async function* framed(segments: AsyncIterable<Segment>): AsyncGenerator<Uint8Array> {
  for await (const segment of segments) yield frame(encodeSegment(segment));
}

/** Ends the reply before it grows beyond the bound; the caller asks again for the rest. */
async function* fitting(chunks: AsyncIterable<SealedChunk>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunkFrameBytes(chunk);
    if (bytes > maxChunkStreamBytes) return;
    yield* chunkFrame(chunk);
  }
}

async function readIds({ req }: Call) {
  const limit = maxIdsPerRequest * idBytes;
  return unpackIds(await readWhole(bodyOf(req, limit), limit), maxIdsPerRequest);
}

async function readAsk({ req }: Call) {
  const limit = askBytes(maxIdsPerRequest);
  return unpackAsk(await readWhole(bodyOf(req, limit), limit), maxIdsPerRequest);
}

async function readReceipts({ req }: Call, space: SpaceId): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  const most = { frame: maxSmallFrame, total: maxReceiptsBytes };
  for await (const bytes of readFrames(bodyOf(req, maxReceiptsBytes), most)) {
    if (receipts.length === maxReceiptsPerRequest) {
      throw new DongboError('BODY_TOO_LARGE', { limit: maxReceiptsPerRequest });
    }
    receipts.push(decodeReceiptOf(bytes, space));
  }
  return receipts;
}

function takeChunks(
  { caller, req }: Call,
  { signal, counted }: Place,
  space: SpaceId,
  backend: ExchangeBackend,
): Promise<void> {
  const chunks = readChunks(counted(bodyOf(req, maxChunkStreamBytes)), maxChunkStreamBytes);
  return backend.putChunks(caller, space, chunks, signal);
}

/** Who may bring it is known from its first frame; the rest comes in before a check is begun, and is not decoded before. */
async function takeSegments(call: Call, space: SpaceId, parts: Parts): Promise<void> {
  const { caller, req } = call;
  const { backend, uploads, segmentPushes } = parts;
  backend.mustBring(caller, space, 'any');
  await uploads.run(
    caller,
    async ({ signal, counted }) => {
      const most = { frame: maxSegmentFrame, total: maxSegmentPushBytes };
      let head: Head | undefined;
      const frames: Uint8Array[] = [];
      for await (const bytes of readFrames(counted(bodyOf(req, maxSegmentPushBytes)), most)) {
        if (head) frames.push(bytes);
        else {
          head = decodeHeadOf(bytes, space);
          backend.mustBring(caller, space, head.origin);
        }
      }
      await segmentPushes.run(() => checkSegments(call, { space, head, frames }, backend), signal);
    },
    call.signal,
  );
}

interface Brought {
  readonly space: SpaceId;
  readonly head: Head | undefined;
  readonly frames: readonly Uint8Array[];
}

async function checkSegments(
  { caller, signal }: Call,
  { space, head, frames }: Brought,
  backend: ExchangeBackend,
): Promise<void> {
  const segments = head ? frames.map((bytes) => decodeSegmentOf(bytes, space, head.origin)) : [];
  const last = segments.at(-1);
  if (!head) throw new DongboError('BODY_MALFORMED', { rule: 'a head, then segments' });
  // A head alone says what the sender has said already, as of a later time.
  const end = last ? lastSeq(last.header) : head.seq;
  // Who brings another's feed has no head of its author's for each stretch of it.
  const short = end < head.seq && head.origin.node === caller;
  if (end > head.seq || short || !inRow(segments)) {
    throw new DongboError('BODY_MALFORMED', {
      rule: `segments in a row up to the head`,
      feed: originKey(head.origin),
    });
  }
  await backend.pushSegments(caller, space, segments, head, signal);
}

const inRow = (segments: readonly Segment[]): boolean =>
  segments.every(({ header }, i) => {
    const before = segments[i - 1];
    return !before || header.first === lastSeq(before.header) + 1;
  });
