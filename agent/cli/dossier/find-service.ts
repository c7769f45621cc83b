/** The account of the service, as its unit and the drop-ins of the machine say. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dossier } from './dossier-schema.ts';
import type { MachinePlaces } from './sources.ts';

const unitName = 'dongbo.service';

/** Undefined when no unit is installed. */
export async function findService({ units }: MachinePlaces): Promise<Dossier['service']> {
  const unit = await firstThatIs(units.map((dir) => join(dir, unitName)));
  if (!unit) return undefined;
  const dropIns = (await Promise.all([...units].reverse().map(dropInsOf))).flat();
  const text = [unit.text, ...dropIns].join('\n');
  const [user, group] = [lastOf(text, 'User'), lastOf(text, 'Group')];
  return { unit: unit.path, ...(user ? { user } : {}), ...(group ? { group } : {}) };
}

async function firstThatIs(paths: readonly string[]): Promise<{ path: string; text: string } | undefined> {
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

async function dropInsOf(dir: string): Promise<string[]> {
  const own = join(dir, `${unitName}.d`);
  const names = (await readdir(own).catch(() => [])).filter((name) => name.endsWith('.conf')).sort();
  return Promise.all(names.map((name) => readFile(join(own, name), 'utf8').catch(() => '')));
}

/** The last one counts, as systemd reads it. */
const lastOf = (text: string, key: string): string | undefined =>
  [...text.matchAll(new RegExp(`^\\s*${key}\\s*=\\s*(.*?)\\s*$`, 'gm'))].at(-1)?.[1] || undefined;
