/** Identifiers. A brand is made only by its parse function, so a value of the type has been checked. */
import { DongboError } from './errors.ts';

declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

/** A node: its Ed25519 public signing key, 64 lower-case hex digits. */
export type NodeId = Brand<string, 'NodeId'>;
/** A space: 16 random bytes, 32 lower-case hex digits. */
export type SpaceId = Brand<string, 'SpaceId'>;
/** One life of a node's feed: 8 random bytes, 16 hex digits. A restored or cloned node takes a new one. */
export type Incarnation = Brand<string, 'Incarnation'>;
/** A sealed chunk: HMAC-SHA-256 of its plaintext under the epoch's id key, 64 hex digits. */
export type ChunkId = Brand<string, 'ChunkId'>;
/** Opaque name of an item in one publisher's feed: 16 bytes, 32 hex digits. */
export type Tag = Brand<string, 'Tag'>;
/** SHA-256, 64 hex digits. */
export type Digest = Brand<string, 'Digest'>;
/** The author of a version: first 8 bytes of SHA-256(node ‖ incarnation), 16 hex digits. */
export type Actor = Brand<string, 'Actor'>;

const hexOf = (bytes: number) => new RegExp(`^[0-9a-f]{${bytes * 2}}$`);

function parser<T extends string>(what: string, bytes: number) {
  const form = hexOf(bytes);
  return (value: unknown): T => {
    if (typeof value === 'string' && form.test(value)) return value as T;
    throw new DongboError('ID_MALFORMED', { what, rule: `${bytes * 2} lower-case hex digits` });
  };
}

export const parseNodeId = parser<NodeId>('node', 32);
export const parseSpaceId = parser<SpaceId>('space', 16);
export const parseIncarnation = parser<Incarnation>('incarnation', 8);
export const parseChunkId = parser<ChunkId>('chunk', 32);
export const parseTag = parser<Tag>('tag', 16);
export const parseDigest = parser<Digest>('digest', 32);
export const parseActor = parser<Actor>('actor', 8);

/** Bytes of a hex identifier. */
export const bytesOf = (id: string): Uint8Array => Uint8Array.fromHex(id);
/** Hex text of bytes; pass the result through a parse function to brand it. */
export const hexText = (bytes: Uint8Array): string => bytes.toHex();

/** The feed of one life of one node. */
export interface Origin {
  readonly node: NodeId;
  readonly incarnation: Incarnation;
}

export const originKey = (o: Origin): string => `${o.node}.${o.incarnation}`;

export function parseOriginKey(text: string): Origin {
  const [node, incarnation] = text.split('.');
  return { node: parseNodeId(node), incarnation: parseIncarnation(incarnation) };
}
