/**
 * The feed: segments of records, signed by their origin and chained. A segment's header lists (tag, hash) of every
 * record, so anyone may drop a record whose tag appears again later, and what is left still verifies: a missing body
 * is honest exactly when a later entry of the same origin carries the same tag.
 */
import type { Digest, NodeId, Origin, SpaceId, Tag } from './ids.ts';

export interface SegmentEntry {
  readonly tag: Tag;
  /** SHA-256 of the record's bytes. */
  readonly hash: Digest;
}

export interface SegmentHeader {
  readonly space: SpaceId;
  readonly origin: Origin;
  /** Sequence number of the first record; a feed starts at 1 and has no gaps. */
  readonly first: number;
  /** SHA-256 of the bytes of the header before; undefined for the first segment. */
  readonly prev: Digest | undefined;
  /** The agreement in force when it was written. */
  readonly agreement: Digest;
  /** Milliseconds since the Unix epoch at the origin: a hint, never an order. */
  readonly time: number;
  readonly entries: readonly SegmentEntry[];
}

/** `bodies[i]` belongs to `entries[i]`; undefined when it was dropped as superseded. */
export interface Segment {
  readonly header: SegmentHeader;
  /** The canonical bytes that were signed; SHA-256 of them chains the next segment. */
  readonly headerBytes: Uint8Array;
  /** Ed25519 over `signingBytes('segment', headerBytes)`. */
  readonly signature: Uint8Array;
  readonly bodies: readonly (Uint8Array | undefined)[];
}

/** What a node claims to have written: the last sequence number and the digest of the last segment's header. */
export interface Head {
  readonly space: SpaceId;
  readonly origin: Origin;
  readonly seq: number;
  readonly digest: Digest;
  readonly time: number;
  readonly signature: Uint8Array;
}

/** A reader's signed word: every record of `origin` up to `seq` is applied and durable on my disk. */
export interface Receipt {
  readonly space: SpaceId;
  readonly reader: NodeId;
  readonly origin: Origin;
  readonly seq: number;
  readonly digest: Digest;
  readonly time: number;
  readonly signature: Uint8Array;
}

export const maxSegmentRecords = 1024;
export const maxSegmentBytes = 4 * 1024 * 1024;

export const lastSeq = (h: SegmentHeader): number => h.first + h.entries.length - 1;
