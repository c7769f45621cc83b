/** A peer over the wire (docs/protocol.md). One instance for each peer; it keeps its connections between requests. */

import { DongboError } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { ChunkId, Digest, NodeId, Origin, SpaceId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { Head, Receipt, Segment } from '#agent/core/segment.ts';
import { encodeHead, encodeReceipt, encodeSegment } from '#agent/core/segment-codec.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Random } from '#agent/sys/random.ts';
import { type AuditWords, auditHeader, auditHeaderText } from './audit-words.ts';
import {
  chunkFrames,
  frame,
  lengthBytes,
  packIds,
  readChunks,
  readFrames,
  unpackCount,
  unpackIds,
} from './frames.ts';
import { type Ask, HttpsTransport } from './https-transport.ts';
import {
  maxChunkStreamBytes,
  maxHeadsBytes,
  maxIdsPerRequest,
  maxSegmentFrame,
  maxSmallFrame,
  silenceMs,
} from './limits.ts';
import type { HeadsReply, Peer, PeerEvent } from './peer.ts';
import type { TlsKeys } from './pinned-trust.ts';
import { agreementHeader, leftHeader, type Route } from './routes.ts';
import { packAsk } from './wanted-codec.ts';
import { decodeEvent, decodeSegmentOf, readHeadsReply } from './wire-messages.ts';

export interface HttpsPeerOptions {
  /** `https://host:port` */
  readonly url: string;
  readonly node: NodeId;
  /** The peer's certificate by its card, PEM. */
  readonly pinnedCert: string;
  readonly tls: TlsKeys;
  /** The agreement in force here; undefined while there is none: then nothing is asked. */
  readonly agreementDigest: (space: SpaceId) => Digest | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  /** How long a stream of events may be silent, ms. */
  readonly silenceMs?: number;
}

type SpaceRoute = Exclude<Route, { readonly name: 'events' }>;

/** An endless stream has no limit on its whole. */
const noTotal = Number.MAX_SAFE_INTEGER;

export class HttpsPeer implements Peer, AsyncDisposable {
  readonly node: NodeId;
  readonly #options: HttpsPeerOptions;
  readonly #transport: HttpsTransport;

  constructor(options: HttpsPeerOptions) {
    this.node = options.node;
    this.#options = options;
    this.#transport = new HttpsTransport(options);
  }

  async heads(space: SpaceId, signal: AbortSignal, audit?: AuditWords): Promise<HeadsReply> {
    const ask = this.#ask({ name: 'heads', space }, signal);
    const headers = {
      ...ask.headers,
      [leftHeader]: '1',
      ...(audit ? { [auditHeader]: auditHeaderText(audit) } : {}),
    };
    const reply = await this.#transport.small({ ...ask, headers }, undefined, maxHeadsBytes);
    return readHeadsReply(reply, space);
  }

  async *segments(
    space: SpaceId,
    origin: Origin,
    from: number,
    signal: AbortSignal,
  ): AsyncGenerator<Segment> {
    const ask = this.#ask({ name: 'segments', space, origin, from }, signal);
    const most = { frame: maxSegmentFrame, total: noTotal };
    for await (const bytes of readFrames(this.#transport.stream(ask, undefined), most)) {
      yield decodeSegmentOf(bytes, space, origin);
    }
  }

  async pushSegments(
    space: SpaceId,
    segments: readonly Segment[],
    head: Head,
    signal: AbortSignal,
  ): Promise<void> {
    const body = async function* () {
      yield frame(encodeHead(head));
      for (const segment of segments) yield frame(encodeSegment(segment));
    };
    await this.#transport.upload(this.#ask({ name: 'pushSegments', space }, signal), body());
  }

  async pushReceipts(space: SpaceId, receipts: readonly Receipt[], signal: AbortSignal): Promise<void> {
    const body = Buffer.concat(receipts.map((receipt) => frame(encodeReceipt(receipt))));
    await this.#transport.small(this.#ask({ name: 'pushReceipts', space }, signal), body, 0);
  }

  async missing(space: SpaceId, ids: readonly ChunkId[], signal: AbortSignal): Promise<ChunkId[]> {
    const ask = this.#ask({ name: 'missing', space }, signal);
    const reply = await this.#transport.small(ask, packIds(ids), ids.length * 32);
    const asked = new Set(ids);
    return unpackIds(reply, maxIdsPerRequest).filter((id) => asked.has(id));
  }

  async *getChunks(
    space: SpaceId,
    author: NodeId,
    ids: readonly ChunkId[],
    signal: AbortSignal,
  ): AsyncGenerator<SealedChunk> {
    const ask = this.#ask({ name: 'getChunks', space }, signal);
    const asked = new Set(ids);
    const stream = this.#transport.stream(ask, packAsk(author, ids));
    for await (const chunk of readChunks(stream, maxChunkStreamBytes)) {
      if (!asked.has(chunk.id)) throw new DongboError('BODY_MALFORMED', { rule: 'only what was asked for' });
      yield chunk;
    }
  }

  async putChunks(space: SpaceId, chunks: AsyncIterable<SealedChunk>, signal: AbortSignal): Promise<void> {
    await this.#transport.upload(this.#ask({ name: 'putChunks', space }, signal), chunkFrames(chunks));
  }

  async dropChunks(space: SpaceId, ids: readonly ChunkId[], signal: AbortSignal): Promise<number> {
    const ask = this.#ask({ name: 'dropChunks', space }, signal);
    return unpackCount(await this.#transport.small(ask, packIds(ids), lengthBytes), ids.length);
  }

  async *events(signal: AbortSignal): AsyncGenerator<PeerEvent | undefined> {
    const silence = this.#options.silenceMs ?? silenceMs;
    const stream = this.#transport.stream({ route: { name: 'events' }, signal }, undefined, silence);
    for await (const bytes of readFrames(stream, { frame: maxSmallFrame, total: noTotal })) {
      this.#transport.report();
      yield bytes.length === 0 ? undefined : decodeEvent(bytes);
    }
    throw new DongboError('PEER_LOST', { peer: this.node, cause: 'ended' }, { retry: 'later' });
  }

  #ask(route: SpaceRoute, signal: AbortSignal): Ask {
    const digest = this.#options.agreementDigest(route.space);
    if (!digest) throw new DongboError('SPACE_NOT_SHARED', { space: route.space }, { retry: 'after-change' });
    return { route, headers: { [agreementHeader]: digest }, signal };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#transport.close();
  }
}
