/**
 * The keys of one epoch of state secrets: nothing of them is here, each call goes to the device. What they are for is
 * hashed into the place that the device derives them at, so two epochs never share one.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { gearTable, gearTableBytes } from '#agent/core/chunker.ts';
import { DongboError } from '#agent/core/errors.ts';
import { bytesOf, type ChunkId, hexText, type Origin, parseChunkId, type SpaceId } from '#agent/core/ids.ts';
import { maxSealedChunk, type SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import { originBytes, u32 } from './epoch.ts';
import type { SealingKeys } from './item-keys.ts';
import { paddedSize, paddingFor, unpad } from './padding.ts';
import { type CipherKeyName, gcmTagLength, type KeyPlace, type StateCipherProvider } from './state-cipher.ts';

export interface DeviceKeysParts {
  readonly space: SpaceId;
  readonly origin: Origin;
  readonly epoch: number;
  readonly labelClass: string;
  readonly suite: SuiteName;
  /** The key of the device that this epoch is sealed under. */
  readonly device: CipherKeyName;
  /** Hands in the device. Throws its code while there is none, or one with another key. */
  readonly use: UseDevice;
}

export type UseDevice = <T>(key: CipherKeyName, work: (device: StateCipherProvider) => T) => T;

type Purpose = 'chunk-id' | 'chunk-key' | 'record-id' | 'record-key' | 'cut';
const macLength = 32;

export class DeviceKeys implements SealingKeys {
  readonly space: SpaceId;
  readonly origin: Origin;
  readonly epoch: number;
  readonly labelClass: string;
  readonly suite: SuiteName;
  readonly device: CipherKeyName;
  /** None of ours. */
  readonly secret = undefined;
  readonly #use: UseDevice;
  readonly #places: Readonly<Record<Purpose, KeyPlace>>;
  readonly #chunkAad: Uint8Array;
  readonly #recordAad: Uint8Array;
  #gear: Uint32Array | undefined;

  constructor({ space, origin, epoch, labelClass, suite, device, use }: DeviceKeysParts) {
    this.space = space;
    this.origin = origin;
    this.epoch = epoch;
    this.labelClass = labelClass;
    this.suite = suite;
    this.device = device;
    this.#use = use;
    const bound = [bytesOf(space), originBytes(origin), u32(epoch), Buffer.from(labelClass)];
    const place = (purpose: Purpose) => placeOf(purpose, bound);
    this.#places = {
      'chunk-id': place('chunk-id'),
      'chunk-key': place('chunk-key'),
      'record-id': place('record-id'),
      'record-key': place('record-key'),
      cut: place('cut'),
    };
    this.#chunkAad = Buffer.concat([Buffer.from('dongbo/v1/state-chunk'), bytesOf(space)]);
    this.#recordAad = Buffer.concat([Buffer.from('dongbo/v1/state-record'), ...bound]);
  }

  get gear(): Uint32Array {
    this.#gear ??= gearTable(this.#gearBytes());
    return this.#gear;
  }

  #gearBytes(): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let i = 0; i < gearTableBytes / macLength; i++) parts.push(this.#mac('cut', u32(i)));
    return new Uint8Array(Buffer.concat(parts));
  }

  #mac(purpose: Purpose, data: Uint8Array): Uint8Array {
    return this.#use(this.device, (device) => device.mac(this.#places[purpose], data));
  }

  idOf(plain: Uint8Array): ChunkId {
    return parseChunkId(hexText(this.#mac('chunk-id', plain)));
  }

  seal(plain: Uint8Array): SealedChunk {
    const id = this.idOf(plain);
    return { id, sealed: this.#seal('chunk-key', bytesOf(id), this.#chunkAad, plain) };
  }

  /** Throws CHUNK_CHANGED: sealing other bytes under this name would use one key and nonce for two plaintexts. */
  sealChunk(id: ChunkId, plain: Uint8Array): Uint8Array {
    const made = this.seal(plain);
    if (made.id !== id) throw new DongboError('CHUNK_CHANGED', { chunk: id }, { retry: 'after-change' });
    return made.sealed;
  }

  openChunk(id: ChunkId, sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length > maxSealedChunk) return undefined;
    const plain = this.#open('chunk-key', bytesOf(id), this.#chunkAad, sealed);
    return plain && timingSafeEqual(this.#mac('chunk-id', plain), bytesOf(id)) ? plain : undefined;
  }

  /** Record id (32 bytes), then the sealed record. */
  sealRecord(plain: Uint8Array): Uint8Array {
    const rid = this.#mac('record-id', plain);
    return Buffer.concat([rid, this.#seal('record-key', rid, this.#recordAad, plain)]);
  }

  openRecord(sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length <= macLength) return undefined;
    const rid = sealed.subarray(0, macLength);
    const plain = this.#open('record-key', rid, this.#recordAad, sealed.subarray(macLength));
    return plain && timingSafeEqual(this.#mac('record-id', plain), rid) ? plain : undefined;
  }

  #seal(purpose: Purpose, id: Uint8Array, aad: Uint8Array, plain: Uint8Array): Uint8Array {
    const padded = Buffer.concat([plain, paddingFor(plain.length)]);
    return this.#use(this.device, (device) => device.seal(this.#places[purpose], id, aad, padded));
  }

  #open(purpose: Purpose, id: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length < gcmTagLength + paddedSize(0)) return undefined;
    const padded = this.#use(this.device, (device) => device.open(this.#places[purpose], id, aad, sealed));
    return padded && unpad(padded);
  }
}

function placeOf(purpose: Purpose, bound: readonly Uint8Array[]): KeyPlace {
  const hash = createHash('sha256').update(`dongbo/v1/state-cipher/${purpose}\0`);
  for (const part of bound) hash.update(part);
  return hash.digest();
}
