/** Identifiers, rows and signed segments for the tests of `agent/feed/`. */
import { generateKeyPairSync, hash, type KeyObject, sign } from 'node:crypto';
import {
  type ChunkId,
  type Digest,
  type NodeId,
  type Origin,
  parseActor,
  parseChunkId,
  parseDigest,
  parseIncarnation,
  parseNodeId,
  parseSpaceId,
  parseTag,
  type SpaceId,
  type Tag,
} from '#agent/core/ids.ts';
import type { Row } from '#agent/core/item.ts';
import type { Head, Segment } from '#agent/core/segment.ts';
import { encodeHeader, headSigned } from '#agent/core/segment-codec.ts';
import { type SigningDomain, signingBytes } from '#agent/core/signing.ts';
import { pusherOf } from '#agent/feed/copy-key.ts';
import type { Vault } from '#agent/feed/vault.ts';

export const digest = (text: string): Digest => parseDigest(hash('sha256', text, 'hex'));
export const chunkId = (text: string): ChunkId => parseChunkId(hash('sha256', text, 'hex'));
export const tagOf = (text: string): Tag => parseTag(hash('sha256', text, 'hex').slice(0, 32));

export const space: SpaceId = parseSpaceId('0123456789abcdef0123456789abcdef');
export const node: NodeId = parseNodeId('aa'.repeat(32));
export const origin: Origin = { node, incarnation: parseIncarnation('0102030405060708') };
export const actor = parseActor('1122334455667788');
export const agreement = digest('agreement');

/** A row of a file in step: local, agreed and remote the same. */
export function fileRow(text: string, size = text.length): Row {
  const state = {
    kind: 'file',
    mode: 0o644,
    mtimeNs: 1_700_000_000_123_456_789n,
    size,
    sha256: digest(text),
  } as const;
  const content = { levels: 0, refs: [{ id: chunkId(text), length: Math.max(size, 1) }] };
  const version = [[actor, 3]] as const;
  return {
    local: {
      state,
      content,
      sealedBy: origin,
      epoch: 1,
      facts: { size, mtimeNs: 5n, ctimeNs: 6n, ino: 7n, mode: 0o100644 },
    },
    agreed: { state, version, author: origin },
    remote: { state, content, version, seen: version, author: origin, epoch: 1, seq: 4 },
  };
}

/** Sealed bytes by number, of many sizes, that can be made again to compare. */
export function sealedOf(n: number): Uint8Array {
  const block = hash('sha512', `chunk ${n}`, 'buffer');
  return new Uint8Array(Buffer.concat(new Array<Buffer>(20 + (n % 800)).fill(block)));
}

/** One publisher's feed, signed for real. */
export class TestFeed {
  readonly origin: Origin;
  readonly #key: KeyObject;
  #next = 1;
  #prev: Digest | undefined;

  readonly #place: { readonly space: SpaceId; readonly agreement: Digest };

  /** `place`: what it says of where it belongs. */
  constructor(incarnation = '0102030405060708', place = { space, agreement }) {
    this.#place = place;
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'raw-public' });
    this.origin = { node: parseNodeId(raw.toString('hex')), incarnation: parseIncarnation(incarnation) };
    this.#key = privateKey;
  }

  sign(domain: SigningDomain, bytes: Uint8Array): Uint8Array {
    return new Uint8Array(sign(null, signingBytes(domain, bytes), this.#key));
  }

  /** The next segment: one record for each [tag, body]; `undefined` bodies are left out after signing. */
  segment(records: readonly (readonly [tag: string, body: string, left?: 'out'])[]): {
    segment: Segment;
    head: Head;
  } {
    const bodies = records.map(([, body]) => new TextEncoder().encode(body));
    const header = {
      ...this.#place,
      origin: this.origin,
      first: this.#next,
      prev: this.#prev,
      time: 1_700_000_000_000 + this.#next,
      entries: records.map(([tag], i) => ({
        tag: tagOf(tag),
        hash: parseDigest(hash('sha256', bodies[i] ?? '', 'hex')),
      })),
    };
    const headerBytes = new Uint8Array(encodeHeader(header));
    this.#next += records.length;
    this.#prev = parseDigest(hash('sha256', headerBytes, 'hex'));
    const kept = records.map(([, , left], i) => (left ? undefined : bodies[i]));
    const segment = { header, headerBytes, signature: this.sign('segment', headerBytes), bodies: kept };
    return { segment, head: this.head() };
  }

  /** The head at the last segment made. */
  head(): Head {
    if (!this.#prev) throw new Error('no segment yet');
    const unsigned = {
      space: this.#place.space,
      origin: this.origin,
      seq: this.#next - 1,
      digest: this.#prev,
      time: 1_700_000_000_000,
    };
    return { ...unsigned, signature: this.sign('head', headSigned(unsigned)) };
  }
}

/** The copy of a chunk that `from` put. */
export async function copyIn(
  vault: Vault,
  id: ChunkId,
  { of = space, from = node }: { of?: SpaceId; from?: NodeId } = {},
): Promise<Uint8Array | undefined> {
  for await (const copy of vault.copies(of, from, [id])) if (copy.from === pusherOf(from)) return copy.sealed;
  return undefined;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
