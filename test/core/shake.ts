/** Bytes that anyone can make again, for vectors. */
import { createHash } from 'node:crypto';

/** SHAKE256 of the UTF-8 text `seed`. */
export const shake = (seed: string, length: number): Uint8Array =>
  new Uint8Array(createHash('shake256', { outputLength: length }).update(seed).digest());
