/** A chunk as it travels and rests. */
import type { ChunkId } from './ids.ts';

export interface SealedChunk {
  readonly id: ChunkId;
  /** AES-256-GCM of the padded plaintext, tag included. */
  readonly sealed: Uint8Array;
}

/** Where in a file a piece of plaintext stands. */
export interface ChunkPlace {
  readonly path: string;
  /** Bytes before it. */
  readonly offset: number;
}

/** Plaintext bounds of a chunk, bytes; a sealed one is at most `maxSealedChunk`. */
export const minChunk = 16 * 1024;
export const meanChunk = 64 * 1024;
export const maxChunk = 256 * 1024;
export const maxSealedChunk = maxChunk + 32 * 1024;
