/**
 * The keys of one epoch: one publisher, one space, one label class. Sealing is repeatable, so that an origin serves
 * sealed pieces straight from its own files: the key of a piece comes from a keyed hash of its plaintext.
 */
import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { gearTable } from '#agent/core/chunker.ts';
import { DongboError } from '#agent/core/errors.ts';
import { bytesOf, type ChunkId, type Origin, parseChunkId, type SpaceId } from '#agent/core/ids.ts';
import { maxSealedChunk, type SealedChunk } from '#agent/core/sealed-chunk.ts';
import { openOnce, sealOnce } from './aead.ts';

/** One epoch of one publisher. Numbers start at 1 and are never used twice by an origin. */
export interface EpochParts {
  readonly space: SpaceId;
  readonly origin: Origin;
  readonly epoch: number;
  readonly labelClass: string;
  /** 32 random bytes: who holds them reads everything of this epoch. */
  readonly secret: Uint8Array;
}

export const secretLength = 32;
const recordIdLength = 32;

export class EpochKeys {
  readonly space: SpaceId;
  readonly origin: Origin;
  readonly epoch: number;
  readonly labelClass: string;
  /** The keyed table that places cut points. */
  readonly gear: Uint32Array;
  readonly #secret: Uint8Array;
  readonly #idKey: KeyObject;
  readonly #chunkKey: KeyObject;
  readonly #recordKey: KeyObject;
  readonly #chunkAad: Uint8Array;
  readonly #recordAad: Uint8Array;

  constructor({ space, origin, epoch, labelClass, secret }: EpochParts) {
    if (secret.length !== secretLength) throw new DongboError('INVARIANT', { what: 'epoch secret length' });
    this.space = space;
    this.origin = origin;
    this.epoch = epoch;
    this.labelClass = labelClass;
    const salt = bytesOf(space);
    const derive = (purpose: string, length: number) =>
      new Uint8Array(hkdfSync('sha256', secret, salt, `dongbo/v1/${purpose}`, length));
    this.#secret = secret;
    this.#idKey = createSecretKey(derive('chunk-id', 32));
    this.#chunkKey = createSecretKey(derive('chunk-key', 32));
    this.#recordKey = createSecretKey(derive('record', 32));
    this.gear = gearTable(derive('cut', 1024));
    this.#chunkAad = Buffer.concat([Buffer.from('dongbo/v1/chunk'), salt]);
    this.#recordAad = Buffer.concat([Buffer.from('dongbo/v1/record'), salt, originBytes(origin), u32(epoch)]);
  }

  /** For grants only. */
  get secret(): Uint8Array {
    return this.#secret;
  }

  /** HMAC-SHA-256 under the id key. */
  idOf(plain: Uint8Array): ChunkId {
    return parseChunkId(createHmac('sha256', this.#idKey).update(plain).digest('hex'));
  }

  /** Names and seals a piece. */
  seal(plain: Uint8Array): SealedChunk {
    const id = this.idOf(plain);
    return { id, sealed: sealOnce(this.#keyOf(id), this.#chunkAad, plain) };
  }

  /**
   * Seals a piece that was named before. Throws CHUNK_CHANGED when the bytes no longer carry that name: sealing them
   * would use one key and nonce for two plaintexts.
   */
  sealChunk(id: ChunkId, plain: Uint8Array): Uint8Array {
    const made = this.seal(plain);
    if (made.id !== id) throw new DongboError('CHUNK_CHANGED', { chunk: id }, { retry: 'after-change' });
    return made.sealed;
  }

  /** The plaintext; undefined when it was tampered with, or is not the piece that `id` names. */
  openChunk(id: ChunkId, sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length > maxSealedChunk) return undefined;
    const plain = openOnce(this.#keyOf(id), this.#chunkAad, sealed);
    if (!plain) return undefined;
    const actual = createHmac('sha256', this.#idKey).update(plain).digest();
    return timingSafeEqual(actual, bytesOf(id)) ? plain : undefined;
  }

  #keyOf(id: ChunkId): Uint8Array {
    return createHmac('sha256', this.#chunkKey).update(id, 'hex').digest();
  }

  /** Record id (32 bytes), then the sealed record. */
  sealRecord(plain: Uint8Array): Uint8Array {
    const rid = this.#record('id', plain);
    return sealOnce(this.#record('key', rid), this.#recordAad, plain, rid);
  }

  /** The record's bytes; undefined when tampered with, or sealed for another space, origin or epoch. */
  openRecord(sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length <= recordIdLength) return undefined;
    const rid = sealed.subarray(0, recordIdLength);
    const plain = openOnce(this.#record('key', rid), this.#recordAad, sealed.subarray(recordIdLength));
    if (!plain) return undefined;
    return timingSafeEqual(this.#record('id', plain), rid) ? plain : undefined;
  }

  #record(purpose: 'id' | 'key', bytes: Uint8Array): Uint8Array {
    return createHmac('sha256', this.#recordKey).update(purpose).update(bytes).digest();
  }
}

/** Node (32 bytes), incarnation (8 bytes). */
export const originBytes = (origin: Origin): Uint8Array =>
  Buffer.concat([bytesOf(origin.node), bytesOf(origin.incarnation)]);

/** An epoch number as four bytes, most significant first. */
export function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
