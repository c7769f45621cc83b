/**
 * Looks at LevelDB's files before it opens them. LevelDB by itself makes a new, empty database when CURRENT is gone,
 * forgets whatever a shortened manifest no longer names (and deletes the files), and passes over a write-ahead log
 * that is missing or damaged in the middle. The only damage that a crash can leave is a cut-off last write.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoCode } from '#agent/sys/errno.ts';
import { readLog } from './leveldb-log.ts';
import { readManifest } from './leveldb-manifest.ts';

/** What was found wrong: a file of the database directory, and the rule that it breaks. */
export interface Damage {
  readonly file: string;
  readonly rule: string;
}

const fileName = (number: number, ending: string): string => `${String(number).padStart(6, '0')}.${ending}`;

/** Bytes of each file that a clean stop leaves final; `.log` files are the only ones that may lose an end unseen. */
export async function logSizes(dir: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const name of await readdir(dir)) {
    if (/^\d+\.log$/.test(name)) sizes[name] = (await stat(join(dir, name))).size;
  }
  return sizes;
}

/** `closed` holds the log sizes noted at the last clean stop, undefined after a crash. Undefined when all is well. */
export async function findDamage(
  dir: string,
  closed: Readonly<Record<string, number>> | undefined,
): Promise<Damage | undefined> {
  const current = await bytesOf(join(dir, 'CURRENT'));
  const name = /^(MANIFEST-\d+)\n$/.exec(current?.toString('latin1') ?? '')?.[1];
  if (!name) return { file: 'CURRENT', rule: 'must be there and name a manifest' };
  const bytes = await bytesOf(join(dir, name));
  if (!bytes) return { file: name, rule: 'must be there' };
  const manifest = readManifest(bytes);
  if (!manifest) return { file: name, rule: 'must be readable' };
  return (await tableDamage(dir, manifest.tables)) ?? (await logDamage(dir, manifest.log, closed));
}

async function tableDamage(dir: string, tables: ReadonlyMap<number, number>): Promise<Damage | undefined> {
  for (const [number, size] of tables) {
    const name = fileName(number, 'ldb');
    const found = await sizeOf(join(dir, name));
    if (found !== size) return { file: name, rule: `must have ${size} bytes, has ${found ?? 'gone'}` };
  }
  return undefined;
}

async function logDamage(
  dir: string,
  oldest: number,
  closed: Readonly<Record<string, number>> | undefined,
): Promise<Damage | undefined> {
  const sizes = await logSizes(dir);
  if (sizes[fileName(oldest, 'log')] === undefined)
    return { file: fileName(oldest, 'log'), rule: 'must be there' };
  for (const [name, size] of Object.entries(closed ?? {})) {
    if (sizes[name] !== size)
      return { file: name, rule: `must have ${size} bytes, has ${sizes[name] ?? 'gone'}` };
  }
  // Older ones are left over from a crash; their contents are in the tables.
  const needed = Object.keys(sizes)
    .filter((name) => Number.parseInt(name, 10) >= oldest)
    .sort();
  for (const name of needed) {
    const { end } = readLog(await readFile(join(dir, name)));
    // Only the last write of all may have been cut off, and only by a crash.
    const mayBeTorn = name === needed.at(-1) && !closed;
    if (end === 'damaged' || (end === 'torn' && !mayBeTorn)) return { file: name, rule: 'must be readable' };
  }
  return undefined;
}

async function bytesOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
