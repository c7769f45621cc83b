/** The keys of one epoch, whoever holds them: our own (`epoch.ts`), or a device for state secrets (`device-keys.ts`). */
import type { ChunkId, Origin, SpaceId } from '#agent/core/ids.ts';
import type { SealForm } from '#agent/core/seal-form.ts';
import type { ChunkPlace, SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import type { EpochKeys } from './epoch.ts';
import type { DeviceKeys } from './device-keys.ts';

export interface SealingKeys {
  readonly space: SpaceId;
  readonly origin: Origin;
  readonly epoch: number;
  readonly labelClass: string;
  /** Of the space: what signs its feeds. */
  readonly suite: SuiteName;
  /** How it cuts and pads. */
  readonly form: SealForm;
  /** The keyed table that places cut points. */
  readonly gear: Uint32Array;
  /** `place`: where data stands; a list has none. Only cells hang on it. */
  idOf(plain: Uint8Array, place?: ChunkPlace): ChunkId;
  /** Names and seals a piece. */
  seal(plain: Uint8Array, place?: ChunkPlace): SealedChunk;
  /** Throws CHUNK_CHANGED when `plain` is not what `id` names. */
  sealChunk(id: ChunkId, plain: Uint8Array, place?: ChunkPlace): Uint8Array;
  /** Undefined when it was tampered with, or is not what `id` names. */
  openChunk(id: ChunkId, sealed: Uint8Array): Uint8Array | undefined;
  sealRecord(plain: Uint8Array): Uint8Array;
  /** Undefined when it was tampered with, or sealed for another space, origin or epoch. */
  openRecord(sealed: Uint8Array): Uint8Array | undefined;
}

export type ItemKeys = EpochKeys | DeviceKeys;
