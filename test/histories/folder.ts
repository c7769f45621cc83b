/** A member's folder as the people there see it. */
import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Contents } from './contents.ts';
import type { Member } from './member.ts';

export interface Item {
  readonly path: string;
  readonly kind: 'file' | 'dir' | 'link';
}

const labelFile = '.dongbo-labels.yaml';

/** Without what is dongbo's own, and label files. */
export function itemsOf(member: Member): Item[] {
  const items: Item[] = [];
  if (!existsSync(member.folder)) return items;
  const walk = (dir: string): void => {
    for (const entry of readdirSync(join(member.folder, dir), { withFileTypes: true })) {
      const path = dir === '' ? entry.name : `${dir}/${entry.name}`;
      if (path === '.dongbo' || entry.name === labelFile) continue;
      const kind = entry.isDirectory() ? 'dir' : entry.isSymbolicLink() ? 'link' : 'file';
      items.push({ path, kind });
      if (kind === 'dir') walk(path);
    }
  };
  walk('');
  return items.sort((a, b) => (a.path < b.path ? -1 : 1));
}

export const filesOf = (member: Member): string[] =>
  itemsOf(member).flatMap(({ path, kind }) => (kind === 'file' ? [path] : []));

export const dirsOf = (member: Member): string[] =>
  itemsOf(member).flatMap(({ path, kind }) => (kind === 'dir' ? [path] : []));

/** As text, so that two are compared, and told, by it. */
export function describeItem(member: Member, { path, kind }: Item, contents: Contents): string {
  const at = join(member.folder, path);
  const { mode, mtimeNs } = lstatSync(at, { bigint: true });
  const bits = (Number(mode) & 0o777).toString(8);
  if (kind === 'link') return `link to ${readlinkSync(at)}`;
  if (kind === 'dir') return `folder ${bits}`;
  return `${contents.nameOf(contents.shaOf(at))} ${bits} ${mtimeNs}`;
}
