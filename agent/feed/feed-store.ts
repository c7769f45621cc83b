/** How a feed rests in the database: positions, tags, segments without their bodies. */
import { hash } from 'node:crypto';
import { type Digest, hexText, type Origin, parseDigest } from '#agent/core/ids.ts';
import type { Segment } from '#agent/core/segment.ts';
import { numberAsBytes, numberFrom } from './keys.ts';
import type { SpaceCore } from './space-core.ts';

/** The end of what is held of a feed. */
export interface Position {
  readonly seq: number;
  /** Of the last segment's header. */
  readonly digest: Digest;
}

/** The newest record of a tag. `missing`: it came without its body, and only a later record can excuse that. */
export interface LiveRecord {
  readonly seq: number;
  readonly missing: boolean;
}

const numberBytes = 6;

export const digestOf = (bytes: Uint8Array): Digest => parseDigest(hash('sha256', bytes, 'hex'));

export const encodePosition = ({ seq, digest }: Position): Uint8Array =>
  Buffer.concat([numberAsBytes(seq), Buffer.from(digest, 'hex')]);

export async function readPosition(core: SpaceCore, origin: Origin): Promise<Position | undefined> {
  const bytes = await core.db.get(core.keys.position(origin));
  return bytes && { seq: numberFrom(bytes), digest: parseDigest(hexText(bytes.subarray(numberBytes))) };
}

export const encodeLive = ({ seq, missing }: LiveRecord): Uint8Array =>
  Buffer.concat([numberAsBytes(seq), Buffer.of(missing ? 1 : 0)]);

export const decodeLive = (bytes: Uint8Array): LiveRecord => ({
  seq: numberFrom(bytes),
  missing: bytes[numberBytes] === 1,
});

/** Length of the signature (one byte), signature, header. */
export const encodeStored = ({ signature, headerBytes }: Segment): Uint8Array =>
  Buffer.concat([Buffer.of(signature.length), signature, headerBytes]);

export function decodeStored(bytes: Uint8Array): Pick<Segment, 'signature' | 'headerBytes'> {
  const end = 1 + (bytes[0] ?? 0);
  return { signature: bytes.subarray(1, end), headerBytes: bytes.subarray(end) };
}
