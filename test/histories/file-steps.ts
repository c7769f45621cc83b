/** What people do to the files of their folder. Each returns what happened, or undefined where it could not. */
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { nameOf, parentOf } from '#agent/core/path.ts';
import { dirsOf, filesOf, itemsOf } from './folder.ts';
import type { History } from './history.ts';
import type { Member } from './member.ts';
import { folders } from './world.ts';

export type Step = (h: History) => string | undefined | Promise<string | undefined>;

const names = ['a', 'b', 'c', 'd', 'báo cáo.docx', 'sổ.xlsx', 'e', 'f'] as const;
const deeper = ['', '', '', 'năm/', 'quý/'] as const;
const lengths = [0, 3, 40, 500, 20_000, 300_000] as const;

const placeFor = (h: History): string =>
  `${h.chance.one(folders)}/${h.chance.one(deeper)}${h.chance.one(names)}`;

function text(h: History, at: Member): string {
  return h.contents.fresh(at, h.chance.one(lengths) + h.chance.int(40));
}

/** A member that has files, and one of them. */
function aFile(h: History): readonly [Member, string] | undefined {
  const at = h.anyone();
  const path = at && h.chance.any(filesOf(at));
  return at && path !== undefined ? [at, path] : undefined;
}

function put(h: History, at: Member, path: string, what: string | Buffer): void {
  const dirs = parentOf(path).split('/');
  const made = dirs.map((_, i) => dirs.slice(0, i + 1).join('/')).filter((dir) => !existsSync(h.at(at, dir)));
  mkdirSync(h.at(at, parentOf(path)), { recursive: true });
  writeFileSync(h.at(at, path), what);
  h.changed(at, ...made, path);
}

export const write: Step = (h) => {
  const at = h.anyone();
  if (!at) return undefined;
  const path = placeFor(h);
  if (existsSync(h.at(at, path)) && !lstatSync(h.at(at, path)).isFile()) return undefined;
  const what = text(h, at);
  put(h, at, path, what);
  return `${at.name} writes ${path}: ${what.split('\n')[0]}`;
};

export const edit: Step = (h) => {
  const found = aFile(h);
  if (!found) return undefined;
  const [at, path] = found;
  const what = text(h, at);
  put(h, at, path, what);
  return `${at.name} writes ${path} anew: ${what.split('\n')[0]}`;
};

export const append: Step = (h) => {
  const found = aFile(h);
  if (!found) return undefined;
  const [at, path] = found;
  const more = text(h, at);
  appendFileSync(h.at(at, path), more);
  h.contents.made(at, readFileSync(h.at(at, path)), `${path} + ${more.split('\n')[0]}`);
  h.changed(at, path);
  return `${at.name} adds to ${path}: ${more.split('\n')[0]}`;
};

export const touch: Step = (h) => {
  const found = aFile(h);
  if (!found) return undefined;
  const [at, path] = found;
  const when = 1_700_000_000 + h.chance.int(80_000_000);
  utimesSync(h.at(at, path), when, when);
  h.changed(at, path);
  return `${at.name} touches ${path}`;
};

export const chmod: Step = (h) => {
  const found = aFile(h);
  if (!found) return undefined;
  const [at, path] = found;
  const mode = h.chance.one([0o600, 0o640, 0o644, 0o755]);
  chmodSync(h.at(at, path), mode);
  h.changed(at, path);
  return `${at.name} sets ${path} to ${mode.toString(8)}`;
};

/** Whether `from` could go to `to` without leaving anything of another kind in the way. */
const isFree = (h: History, at: Member, from: string, to: string): boolean =>
  from !== to &&
  !to.startsWith(`${from}/`) &&
  !(existsSync(h.at(at, to)) && !lstatSync(h.at(at, to)).isFile());

function move(h: History, at: Member, from: string, to: string): string | undefined {
  if (!isFree(h, at, from, to)) return undefined;
  const over = existsSync(h.at(at, to)) ? ', over what was there' : '';
  mkdirSync(h.at(at, parentOf(to)), { recursive: true });
  renameSync(h.at(at, from), h.at(at, to));
  h.changed(at, ...(h.chance.happens(0.5) ? [from, parentOf(to), to] : [parentOf(to), to, from]));
  return `${at.name} moves ${from} to ${to}${over}`;
}

export const rename: Step = (h) => {
  const found = aFile(h);
  if (!found) return undefined;
  const [at, path] = found;
  return move(h, at, path, `${parentOf(path)}/${h.chance.one(names)}`);
};

export const moveAcross: Step = (h) => {
  const found = aFile(h);
  if (!found) return undefined;
  const [at, path] = found;
  return move(h, at, path, `${h.chance.one(folders)}/${h.chance.one(deeper)}${nameOf(path)}`);
};

export const moveFolder: Step = (h) => {
  const at = h.anyone();
  const dir = at && h.chance.any(dirsOf(at).filter((path) => path.includes('/')));
  if (!at || dir === undefined) return undefined;
  const to = `${h.chance.one(folders)}/${h.chance.one(['năm', 'quý', 'cũ', 'mới'])}`;
  if (existsSync(h.at(at, to))) return undefined;
  return move(h, at, dir, to);
};

export const copy: Step = (h) => {
  const found = aFile(h);
  if (!found) return undefined;
  const [at, path] = found;
  const to = placeFor(h);
  if (existsSync(h.at(at, to))) return undefined;
  mkdirSync(h.at(at, parentOf(to)), { recursive: true });
  copyFileSync(h.at(at, path), h.at(at, to));
  h.changed(at, parentOf(to), to);
  return `${at.name} copies ${path} to ${to}`;
};

export const remove: Step = (h) => {
  const found = aFile(h);
  if (!found) return undefined;
  const [at, path] = found;
  h.deletes.note(at, path, h.contents.shaOf(h.at(at, path)));
  rmSync(h.at(at, path));
  h.changed(at, path);
  return `${at.name} deletes ${path}`;
};

export const removeFolder: Step = (h) => {
  const at = h.anyone();
  const dir = at && h.chance.any(dirsOf(at));
  if (!at || dir === undefined) return undefined;
  for (const { path, kind } of itemsOf(at).filter(({ path }) => path === dir || path.startsWith(`${dir}/`)))
    h.deletes.note(at, path, kind === 'file' ? h.contents.shaOf(h.at(at, path)) : undefined);
  rmSync(h.at(at, dir), { recursive: true });
  h.changed(at, dir);
  return `${at.name} deletes the folder ${dir}`;
};

/** Gone for a moment, and there again with another text. */
export const writeAgain: Step = (h) => {
  const found = aFile(h);
  if (!found) return undefined;
  const [at, path] = found;
  rmSync(h.at(at, path));
  const what = text(h, at);
  put(h, at, path, what);
  return `${at.name} deletes ${path} and writes it again: ${what.split('\n')[0]}`;
};

export const link: Step = (h) => {
  const at = h.anyone();
  if (!at) return undefined;
  const path = `${h.chance.one(folders)}/lối tắt`;
  if (existsSync(h.at(at, parentOf(path))) === false) return undefined;
  rmSync(h.at(at, path), { force: true, recursive: true });
  symlinkSync(h.chance.one(names), h.at(at, path));
  h.changed(at, path);
  return `${at.name} links ${path}`;
};

/** As an editor saves: beside, and into place. */
export function save(h: History, at: Member, path: string, between: () => void = () => undefined): string {
  const what = text(h, at);
  const beside = `${parentOf(path)}/~${h.chance.int(1e6)}.tmp`;
  put(h, at, beside, what);
  between();
  renameSync(h.at(at, beside), h.at(at, path));
  h.changed(at, path);
  return what.split('\n')[0] ?? '';
}

export const editorSave: Step = (h) => {
  const found = aFile(h);
  if (!found) return undefined;
  const [at, path] = found;
  return `${at.name} saves ${path} from an editor: ${save(h, at, path)}`;
};
