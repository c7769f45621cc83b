/** Whether two names of a feed could be one name on this disk. Accident 13: then one would overwrite the other. */
import { foldKey, privateFolder } from '#agent/core/path.ts';
import type { Disk } from '#agent/sys/disk.ts';
import type { Random } from '#agent/sys/random.ts';
import { diskErrno } from './disk-errno.ts';

export interface NameRules {
  /** `A` and `a` are one name. */
  readonly foldsCase: boolean;
  /** One text in two Unicode forms (NFC, NFD) is one name. */
  readonly normalises: boolean;
}

/** Asks the disk itself, with a file in `.dongbo/` of an adopted root. Throws what the disk throws. */
export async function probeNames(disk: Disk, root: string, random: Random): Promise<NameRules> {
  const stem = `${root}/${privateFolder}/probe-${random.bytes(8).toHex()}`;
  const plain = `${stem}-a\u00e9`;
  await using _file = await disk.openWrite(plain);
  try {
    return {
      foldsCase: await isThere(disk, `${stem}-A\u00e9`),
      normalises: await isThere(disk, `${stem}-ae\u0301`),
    };
  } finally {
    await disk.unlink(plain);
  }
}

async function isThere(disk: Disk, path: string): Promise<boolean> {
  try {
    await disk.lstat(path);
    return true;
  } catch (error) {
    if (diskErrno(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Names of one directory with the same key cannot stand beside each other on that disk. */
export function clashKey(name: string, rules: NameRules): string {
  if (rules.foldsCase) return foldKey(name);
  return rules.normalises ? name.normalize('NFC') : name;
}

/** The first of `siblings` that would be the same directory entry as `name`, without being the same name. */
export function findClash(name: string, siblings: Iterable<string>, rules: NameRules): string | undefined {
  const key = clashKey(name, rules);
  for (const sibling of siblings) {
    if (sibling !== name && clashKey(sibling, rules) === key) return sibling;
  }
  return undefined;
}
