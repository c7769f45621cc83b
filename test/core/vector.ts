/** Reads pinned vectors. */
import { readFileSync } from 'node:fs';

export const readVectors = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8')) as T;
