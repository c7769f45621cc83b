/**
 * The keys of one epoch: one publisher, one space, one label class. Sealing is repeatable, so that an origin serves
 * sealed pieces straight from its own files: the key of a piece comes from a keyed hash of its plaintext.
 */
import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto';
import { cellSaltBytes, saltedCell } from '#agent/core/cells.ts';
import { gearTable } from '#agent/core/chunker.ts';
import { DongboError } from '#agent/core/errors.ts';
import { bytesOf, type ChunkId, hexText, type Origin, parseChunkId, type SpaceId } from '#agent/core/ids.ts';
import type { SealForm } from '#agent/core/seal-form.ts';
import type { ChunkPlace, SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import { openOnce, sealOnce } from './aead.ts';
import {
  type CellSaltKey,
  type ChunkIdKey,
  type ChunkKey,
  type ChunkKeyKey,
  chunkKey,
  type EpochSecret,
  macKey,
  type RecordKey,
  type RecordMacKey,
  recordKey,
} from './key-types.ts';
import { formSizes } from './padding.ts';
import { type Suite, suites } from './suite.ts';

/** One epoch of one publisher. Numbers start at 1 and are never used twice by an origin. */
export interface EpochParts {
  readonly space: SpaceId;
  readonly origin: Origin;
  readonly epoch: number;
  readonly labelClass: string;
  /** That of the space: which hash names the pieces and derives the keys. */
  readonly suite: SuiteName;
  /** How it cuts and pads; `padme` when absent. */
  readonly form?: SealForm;
  readonly secret: EpochSecret;
}

/** Bytes of a chunk id, a record id and a key. An HMAC of a longer hash is cut to it (RFC 2104, section 5). */
const macLength = 32;

export class EpochKeys {
  readonly space: SpaceId;
  readonly origin: Origin;
  readonly epoch: number;
  readonly labelClass: string;
  readonly suite: SuiteName;
  readonly form: SealForm;
  /** The keyed table that places cut points. */
  readonly gear: Uint32Array;
  readonly #hash: Suite['hash'];
  readonly #secret: EpochSecret;
  readonly #idKey: ChunkIdKey;
  readonly #saltKey: CellSaltKey;
  readonly #chunkKey: ChunkKeyKey;
  readonly #recordKey: RecordMacKey;
  readonly #chunkAad: Uint8Array;
  readonly #recordAad: Uint8Array;

  constructor({ space, origin, epoch, labelClass, suite, form = 'padme', secret }: EpochParts) {
    this.space = space;
    this.origin = origin;
    this.epoch = epoch;
    this.labelClass = labelClass;
    this.suite = suite;
    this.form = form;
    this.#hash = suites[suite].hash;
    const salt = bytesOf(space);
    const derive = (purpose: string, length: number) =>
      new Uint8Array(hkdfSync(this.#hash, secret, salt, `dongbo/v1/${purpose}`, length));
    this.#secret = secret;
    this.#idKey = macKey(createSecretKey(derive('chunk-id', macLength)));
    this.#saltKey = macKey(createSecretKey(derive('cell', macLength)));
    this.#chunkKey = macKey(createSecretKey(derive('chunk-key', macLength)));
    this.#recordKey = macKey(createSecretKey(derive('record', macLength)));
    this.gear = gearTable(derive('cut', 1024));
    this.#chunkAad = Buffer.concat([Buffer.from('dongbo/v1/chunk'), salt]);
    this.#recordAad = Buffer.concat([Buffer.from('dongbo/v1/record'), salt, originBytes(origin), u32(epoch)]);
  }

  /** For grants only. */
  get secret(): EpochSecret {
    return this.#secret;
  }

  /** HMAC under the id key. `place`: where data stands; a list has none. Only cells hang on it. */
  idOf(plain: Uint8Array, place?: ChunkPlace): ChunkId {
    return this.#nameOf(this.#whole(plain, place));
  }

  #nameOf(whole: Uint8Array): ChunkId {
    return parseChunkId(hexText(this.#mac(this.#idKey, whole)));
  }

  /** What is sealed: in cells a salt stands before the plaintext, so that equal bytes at two places are not one cell. */
  #whole(plain: Uint8Array, place: ChunkPlace | undefined): Uint8Array {
    return this.form === 'cells' ? saltedCell(plain, place && this.#saltOf(place)) : plain;
  }

  #saltOf({ path, offset }: ChunkPlace): Uint8Array {
    return this.#mac(this.#saltKey, `${offset}/${path}`).subarray(0, cellSaltBytes);
  }

  #mac(
    key: ChunkIdKey | CellSaltKey | ChunkKeyKey | RecordMacKey,
    ...parts: (string | Uint8Array)[]
  ): Uint8Array {
    const hmac = createHmac(this.#hash, key);
    for (const part of parts) hmac.update(part);
    return hmac.digest().subarray(0, macLength);
  }

  /** Names and seals a piece. */
  seal(plain: Uint8Array, place?: ChunkPlace): SealedChunk {
    const whole = this.#whole(plain, place);
    const id = this.#nameOf(whole);
    const sizeOf = formSizes[this.form].chunk;
    return { id, sealed: sealOnce(this.#keyOf(id), this.#chunkAad, whole, { sizeOf }) };
  }

  /**
   * Seals a piece that was named before. Throws CHUNK_CHANGED when the bytes no longer carry that name: sealing them
   * would use one key and nonce for two plaintexts.
   */
  sealChunk(id: ChunkId, plain: Uint8Array, place?: ChunkPlace): Uint8Array {
    const made = this.seal(plain, place);
    if (made.id !== id) throw new DongboError('CHUNK_CHANGED', { chunk: id }, { retry: 'after-change' });
    return made.sealed;
  }

  /** The plaintext; undefined when it was tampered with, is not the piece that `id` names, or not of the epoch's form. */
  openChunk(id: ChunkId, sealed: Uint8Array): Uint8Array | undefined {
    const { chunk, maxSealed } = formSizes[this.form];
    if (sealed.length > maxSealed) return undefined;
    const whole = openOnce(this.#keyOf(id), this.#chunkAad, sealed, chunk);
    if (!whole || !timingSafeEqual(this.#mac(this.#idKey, whole), bytesOf(id))) return undefined;
    if (this.form !== 'cells') return whole;
    return whole.length >= cellSaltBytes ? whole.subarray(cellSaltBytes) : undefined;
  }

  #keyOf(id: ChunkId): ChunkKey {
    return chunkKey(this.#mac(this.#chunkKey, bytesOf(id)));
  }

  /** Record id (32 bytes), then the sealed record. */
  sealRecord(plain: Uint8Array): Uint8Array {
    const rid = this.#mac(this.#recordKey, 'id', plain);
    const sizeOf = formSizes[this.form].record;
    return sealOnce(this.#keyOfRecord(rid), this.#recordAad, plain, { prefix: rid, sizeOf });
  }

  /** The record's bytes; undefined when tampered with, or sealed for another space, origin or epoch. */
  openRecord(sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length <= macLength) return undefined;
    const rid = sealed.subarray(0, macLength);
    const { record } = formSizes[this.form];
    const plain = openOnce(this.#keyOfRecord(rid), this.#recordAad, sealed.subarray(macLength), record);
    if (!plain) return undefined;
    return timingSafeEqual(this.#mac(this.#recordKey, 'id', plain), rid) ? plain : undefined;
  }

  #keyOfRecord(rid: Uint8Array): RecordKey {
    return recordKey(this.#mac(this.#recordKey, 'key', rid));
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
