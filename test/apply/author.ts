/** Another agency's node, as far as its feed and its chunks go: publishes changes sealed under fixed secrets. */
import { createHash } from 'node:crypto';
import { actorOf } from '#agent/core/actor.ts';
import { encodeChange } from '#agent/core/change-codec.ts';
import { ListBuilder } from '#agent/core/chunk-list.ts';
import { Cutter } from '#agent/core/chunker.ts';
import {
  type ChunkId,
  type Origin,
  parseDigest,
  parseIncarnation,
  parseNodeId,
  parseSpaceId,
  parseTag,
} from '#agent/core/ids.ts';
import type { Content, ItemChange, ItemState } from '#agent/core/item.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import type { Head, Segment } from '#agent/core/segment.ts';
import { encodeHeader } from '#agent/core/segment-codec.ts';
import { bumpVersion, mergeVersions, type Version } from '#agent/core/version.ts';
import { EpochKeys } from '#agent/seal/epoch.ts';
import { epochSecret } from '#agent/seal/key-types.ts';

export const space = parseSpaceId('5a'.repeat(16));
export const labelClass = 'INTERNAL';

export const originOf = (n: number): Origin => ({
  node: parseNodeId(n.toString(16).padStart(2, '0').repeat(32)),
  incarnation: parseIncarnation('01'.repeat(8)),
});

export const keysOf = (origin: Origin, epoch = 1): EpochKeys =>
  new EpochKeys({
    space,
    origin,
    epoch,
    labelClass,
    suite: 'nacl-pq',
    secret: epochSecret(new Uint8Array(32).fill(origin.node.charCodeAt(1) + epoch)),
  });

export const sha256 = (bytes: Uint8Array) => parseDigest(createHash('sha256').update(bytes).digest('hex'));
export const at2026 = 1_782_864_000_123_456_789n;

export interface FileOptions {
  readonly mode?: number;
  readonly mtimeNs?: bigint;
  readonly sha256?: string;
}

export class Author {
  readonly origin: Origin;
  readonly keys: EpochKeys;
  /** What it serves: sealed chunks by id. */
  readonly chunks = new Map<ChunkId, Uint8Array>();
  /** Causal knowledge by path. */
  readonly versions = new Map<string, Version>();
  #seq = 0;
  #prev: Head['digest'] | undefined;

  constructor(n: number) {
    this.origin = originOf(n);
    this.keys = keysOf(this.origin);
  }

  /** Its next version of a path knows `version` too. */
  learn(path: string, version: Version): void {
    this.versions.set(path, mergeVersions(this.versions.get(path) ?? [], version));
  }

  file(path: string, bytes: Uint8Array | string, options: FileOptions = {}): ItemChange {
    const plain = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    const state = {
      kind: 'file',
      mode: options.mode ?? 0o644,
      mtimeNs: options.mtimeNs ?? at2026,
      size: plain.length,
      sha256: options.sha256 ? parseDigest(options.sha256) : sha256(plain),
    } as const;
    return this.#change(path, state, this.#cut(plain));
  }

  dir(path: string, mode = 0o755): ItemChange {
    return this.#change(path, { kind: 'dir', mode });
  }

  link(path: string, target: string): ItemChange {
    return this.#change(path, { kind: 'link', target, mtimeNs: at2026 });
  }

  gone(path: string): ItemChange {
    return this.#change(path, { kind: 'gone' });
  }

  segment(...changes: ItemChange[]): { segment: Segment; head: Head } {
    return this.segmentOf(changes.map((c) => encodeChange(c)));
  }

  /** Of the plaintexts of records, whatever they hold. */
  segmentOf(
    plains: readonly Uint8Array[],
    damage = (sealed: Uint8Array) => sealed,
  ): { segment: Segment; head: Head } {
    const bodies = plains.map((plain) =>
      encodeRecord({ type: 'item', epoch: 1, labelClass, sealed: damage(this.keys.sealRecord(plain)) }),
    );
    return this.segmentOfBodies(bodies);
  }

  segmentOfBodies(bodies: readonly Uint8Array[]): { segment: Segment; head: Head } {
    const header = {
      space,
      origin: this.origin,
      first: this.#seq + 1,
      prev: this.#prev,
      agreement: parseDigest('ab'.repeat(32)),
      time: 1_782_864_000_000,
      entries: bodies.map((body, i) => ({
        tag: parseTag((this.#seq + i + 1).toString(16).padStart(32, '0')),
        hash: sha256(body),
      })),
    };
    const headerBytes = encodeHeader(header);
    this.#seq += bodies.length;
    this.#prev = sha256(headerBytes);
    const signature = new Uint8Array(64);
    const head = {
      space,
      origin: this.origin,
      seq: this.#seq,
      digest: this.#prev,
      time: header.time,
      signature,
    };
    return { segment: { header, headerBytes, signature, bodies }, head };
  }

  #change(path: string, state: ItemState, content?: Content): ItemChange {
    const version = bumpVersion(this.versions.get(path) ?? [], actorOf(this.origin));
    this.versions.set(path, version);
    return { path, state, version, ...(content ? { content } : {}) };
  }

  #cut(bytes: Uint8Array): Content {
    const cutter = new Cutter(this.keys.gear);
    const lists = new ListBuilder((plain) => this.keys.idOf(plain));
    const keep = (plain: Uint8Array) => {
      const { id, sealed } = this.keys.seal(plain);
      this.chunks.set(id, sealed);
      return id;
    };
    for (let from = 0; from < bytes.length; ) {
      const end = cutter.cut(bytes, from, bytes.length, true);
      const ref = { id: keep(bytes.subarray(from, end)), length: end - from };
      for (const list of lists.add(ref)) keep(list.plain);
      from = end;
    }
    const { content, lists: rest } = lists.finish();
    for (const list of rest) keep(list.plain);
    return content;
  }
}
