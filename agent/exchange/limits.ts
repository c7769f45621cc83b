/** Every bound of the exchange in one place. docs/protocol.md quotes them; raising one is a change of the protocol. */
import { maxSegmentBytes } from '#agent/core/segment.ts';

export const maxIdsPerRequest = 512;
/** Sealed bytes, framing included, that one chunk request or chunk reply may carry. */
export const maxChunkStreamBytes = 8 * 1024 * 1024;
/** One request of segments: a head, and as many segments as fit. */
export const maxSegmentPushBytes = 8 * 1024 * 1024;
/** One frame of a segment stream: header, signature and bodies. */
export const maxSegmentFrame = maxSegmentBytes + 512 * 1024;
/** Requests of segments are checked only so many at a time, of one member so many; others wait their turn. */
export const segmentPushesAtOnce = 4;
/** Bodies that are coming in: at most 8 MiB of each is held. A member has at most two under way of its own accord. */
export const uploadLimits = {
  places: 16,
  perMember: 4,
  leastBytesPerSecond: 16 * 1024,
  graceMs: 5_000,
} as const;
export const maxSmallFrame = 16 * 1024;
export const maxReceiptsPerRequest = 1024;
export const maxReceiptsBytes = 1024 * 1024;
/** A reply to `heads`, the only document that is held in memory whole. */
export const maxHeadsBytes = 8 * 1024 * 1024;
/** Feeds that one reply names, and receipts that it carries. */
export const maxFeeds = 16_384;
export const maxReceiptsInReply = 8192;
export const maxWantedIds = 512;
/** Heads of one node's audit log that another remembers, and tells it. */
export const maxRememberedHeads = 8;
/** Heads of audit logs in one question or reply. */
export const maxAuditWords = 4 * 1024;
export const maxErrorBytes = 4 * 1024;
export const maxUrlBytes = 512;
export const maxHeaderBytes = 8 * 1024;

/** What a pusher puts into one chunk request, and how many it has under way: what a kill can waste. */
export const pushChunkBytes = 3 * 1024 * 1024;
export const pushesInFlight = 2;

export const heartbeatMs = 15_000;
/** A stream of events silent for longer is dead. */
export const silenceMs = 40_000;
/** A body or reply that does not move for this long is given up; there is no limit on the whole. */
export const idleMs = 60_000;
export const connectMs = 10_000;
/** Time from the first byte of a request's headers to the last, and of its body: the slowest link moves 8 MiB in it. */
export const headersMs = 10_000;
export const requestMs = 30 * 60_000;
export const keepAliveMs = 60_000;

/** Admission: what is beyond these is answered 503 with Retry-After. */
export const maxStreams = 256;
export const maxStreamsPerPeer = 16;
export const maxEventStreams = 16_384;
export const maxEventStreamsPerPeer = 4;
export const maxConnections = 20_000;
/** Of one node: as many requests and streams as it may have, and what a broken line has left behind. */
export const maxConnectionsPerNode = 48;
/** What one connection with TLS takes, and the part of the memory of the process that all may take together. */
const connectionBytes = 96 * 1024;
const connectionsShare = 0.4;
/** At least so many, however little memory there is. */
const leastConnections = 64;

/** `memory`: what the process may have, bytes. */
export function connectionsFor(memory: number): number {
  const fitting = Math.floor((memory * connectionsShare) / connectionBytes);
  return Math.min(maxConnections, Math.max(leastConnections, fitting));
}

/** A connection that waits outside takes some 8 KiB, one in its handshake as much as one that stands. */
export const gateFor = (memory: number) =>
  ({
    waiting: connectionsFor(memory),
    waitingPerAddress: Math.ceil(connectionsFor(memory) / 2),
    helloMs: 3_000,
    handshakes: Math.ceil(connectionsFor(memory) / 8),
    handshakesPerAddress: Math.ceil(connectionsFor(memory) / 16),
  }) as const;
