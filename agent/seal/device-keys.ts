/**
 * The keys of one epoch of state secrets: nothing of them is here, each call goes to the device. What they are for is
 * hashed into the place that the device derives them at, so two epochs, or two forms, never share one.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { cellSaltBytes, saltedCell } from '#agent/core/cells.ts';
import { gearTable, gearTableBytes } from '#agent/core/chunker.ts';
import { DongboError } from '#agent/core/errors.ts';
import { bytesOf, type ChunkId, hexText, type Origin, parseChunkId, type SpaceId } from '#agent/core/ids.ts';
import type { ChunkPlace, SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { SealForm } from '#agent/core/seal-form.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import { originBytes, u32 } from './epoch.ts';
import type { SealingKeys } from './item-keys.ts';
import { formSizes, type PaddedSize, paddedSize, paddingFor, unpad } from './padding.ts';
import { type CipherKeyName, gcmTagLength, type KeyPlace, type StateCipherProvider } from './state-cipher.ts';

export interface DeviceKeysParts {
  readonly space: SpaceId;
  readonly origin: Origin;
  readonly epoch: number;
  readonly labelClass: string;
  readonly suite: SuiteName;
  /** How it cuts and pads; `padme` when absent. */
  readonly form?: SealForm;
  /** The key of the device that this epoch is sealed under. */
  readonly device: CipherKeyName;
  /** Hands in the device. Throws its code while there is none, or one with another key. */
  readonly use: UseDevice;
}

export type UseDevice = <T>(key: CipherKeyName, work: (device: StateCipherProvider) => T) => T;

type Purpose = 'chunk-id' | 'cell' | 'chunk-key' | 'record-id' | 'record-key' | 'cut';
const macLength = 32;

export class DeviceKeys implements SealingKeys {
  readonly space: SpaceId;
  readonly origin: Origin;
  readonly epoch: number;
  readonly labelClass: string;
  readonly suite: SuiteName;
  readonly form: SealForm;
  readonly device: CipherKeyName;
  /** None of ours. */
  readonly secret = undefined;
  readonly #use: UseDevice;
  readonly #places: Readonly<Record<Purpose, KeyPlace>>;
  readonly #chunkAad: Uint8Array;
  readonly #recordAad: Uint8Array;
  #gear: Uint32Array | undefined;

  constructor({ space, origin, epoch, labelClass, suite, form = 'padme', device, use }: DeviceKeysParts) {
    this.space = space;
    this.origin = origin;
    this.epoch = epoch;
    this.labelClass = labelClass;
    this.suite = suite;
    this.form = form;
    this.device = device;
    this.#use = use;
    const named = form === 'padme' ? labelClass : `${labelClass}\0${form}`;
    const bound = [bytesOf(space), originBytes(origin), u32(epoch), Buffer.from(named)];
    const place = (purpose: Purpose) => placeOf(purpose, bound);
    this.#places = {
      'chunk-id': place('chunk-id'),
      cell: place('cell'),
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

  /** `place`: where data stands; a list has none. Only cells hang on it. */
  idOf(plain: Uint8Array, place?: ChunkPlace): ChunkId {
    return this.#nameOf(this.#whole(plain, place));
  }

  #nameOf(whole: Uint8Array): ChunkId {
    return parseChunkId(hexText(this.#mac('chunk-id', whole)));
  }

  /** As `EpochKeys` has it: in cells a salt stands before the plaintext. */
  #whole(plain: Uint8Array, place: ChunkPlace | undefined): Uint8Array {
    return this.form === 'cells' ? saltedCell(plain, place && this.#saltOf(place)) : plain;
  }

  #saltOf({ path, offset }: ChunkPlace): Uint8Array {
    return this.#mac('cell', Buffer.from(`${offset}/${path}`)).subarray(0, cellSaltBytes);
  }

  seal(plain: Uint8Array, place?: ChunkPlace): SealedChunk {
    const whole = this.#whole(plain, place);
    const id = this.#nameOf(whole);
    const sizeOf = formSizes[this.form].chunk;
    return { id, sealed: this.#seal('chunk-key', bytesOf(id), this.#chunkAad, { plain: whole, sizeOf }) };
  }

  /** Throws CHUNK_CHANGED: sealing other bytes under this name would use one key and nonce for two plaintexts. */
  sealChunk(id: ChunkId, plain: Uint8Array, place?: ChunkPlace): Uint8Array {
    const made = this.seal(plain, place);
    if (made.id !== id) throw new DongboError('CHUNK_CHANGED', { chunk: id }, { retry: 'after-change' });
    return made.sealed;
  }

  openChunk(id: ChunkId, sealed: Uint8Array): Uint8Array | undefined {
    const { chunk: sizeOf, maxSealed } = formSizes[this.form];
    if (sealed.length > maxSealed) return undefined;
    const whole = this.#open('chunk-key', bytesOf(id), this.#chunkAad, { sealed, sizeOf });
    if (!whole || !timingSafeEqual(this.#mac('chunk-id', whole), bytesOf(id))) return undefined;
    if (this.form !== 'cells') return whole;
    return whole.length >= cellSaltBytes ? whole.subarray(cellSaltBytes) : undefined;
  }

  /** Record id (32 bytes), then the sealed record. */
  sealRecord(plain: Uint8Array): Uint8Array {
    const rid = this.#mac('record-id', plain);
    const sizeOf = formSizes[this.form].record;
    return Buffer.concat([rid, this.#seal('record-key', rid, this.#recordAad, { plain, sizeOf })]);
  }

  openRecord(sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length <= macLength) return undefined;
    const rid = sealed.subarray(0, macLength);
    const sizeOf = formSizes[this.form].record;
    const of = { sealed: sealed.subarray(macLength), sizeOf };
    const plain = this.#open('record-key', rid, this.#recordAad, of);
    return plain && timingSafeEqual(this.#mac('record-id', plain), rid) ? plain : undefined;
  }

  #seal(purpose: Purpose, id: Uint8Array, aad: Uint8Array, { plain, sizeOf }: ToSeal): Uint8Array {
    const padded = Buffer.concat([plain, paddingFor(plain.length, sizeOf)]);
    return this.#use(this.device, (device) => device.seal(this.#places[purpose], id, aad, padded));
  }

  #open(
    purpose: Purpose,
    id: Uint8Array,
    aad: Uint8Array,
    { sealed, sizeOf }: ToOpen,
  ): Uint8Array | undefined {
    if (sealed.length < gcmTagLength + paddedSize(0)) return undefined;
    const padded = this.#use(this.device, (device) => device.open(this.#places[purpose], id, aad, sealed));
    return padded && unpad(padded, sizeOf);
  }
}

interface ToSeal {
  readonly plain: Uint8Array;
  readonly sizeOf: PaddedSize;
}

interface ToOpen {
  readonly sealed: Uint8Array;
  readonly sizeOf: PaddedSize;
}

function placeOf(purpose: Purpose, bound: readonly Uint8Array[]): KeyPlace {
  const hash = createHash('sha256').update(`dongbo/v1/state-cipher/${purpose}\0`);
  for (const part of bound) hash.update(part);
  return hash.digest();
}
