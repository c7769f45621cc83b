/** Items with a mark in name and content, and a search for it in whatever a thief could come by. */
import { createReadStream } from 'node:fs';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `count` files under `dir`, long unread: by relatime a reading would show too. Returns their paths. */
export async function writeMarked(dir: string, mark: string, count: number): Promise<string[]> {
  await mkdir(dir, { recursive: true });
  const paths = [];
  for (let i = 0; i < count; i += 1) {
    const path = join(dir, `${mark} ${i}.txt`);
    await writeFile(path, `${mark} `.repeat(40 + i));
    await utimes(path, new Date('2020-01-01T00:00:00Z'), new Date('2021-01-01T00:00:00Z'));
    paths.push(path);
  }
  return paths;
}

/** Last readings, milliseconds since the Unix epoch. */
export const accessTimes = async (paths: readonly string[]): Promise<number[]> =>
  Promise.all(paths.map(async (path) => (await stat(path)).atimeMs));

async function* filesUnder(path: string): AsyncGenerator<string> {
  if ((await stat(path)).isFile()) return yield path;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) yield* filesUnder(inside);
    else if (entry.isFile()) yield inside;
  }
}

/** As bytes, and as engines keep text in memory. */
const formsOf = (mark: string): Buffer[] => [Buffer.from(mark, 'utf8'), Buffer.from(mark, 'utf16le')];

/** Files under `place`, a file or a folder, that hold the mark in their name or their bytes. */
export async function marksIn(place: string, mark: string): Promise<string[]> {
  const found: string[] = [];
  for await (const path of filesUnder(place))
    if (path.includes(mark) || (await holds(path, formsOf(mark)))) found.push(path);
  return found;
}

async function holds(path: string, forms: readonly Buffer[]): Promise<boolean> {
  const overlap = Math.max(...forms.map(({ length }) => length)) - 1;
  let tail = Buffer.alloc(0);
  for await (const part of createReadStream(path, { highWaterMark: 4 << 20 })) {
    const bytes = Buffer.concat([tail, part as Buffer]);
    if (forms.some((form) => bytes.includes(form))) return true;
    tail = bytes.subarray(-overlap);
  }
  return false;
}
