/** Compares two folders as a reader would: content, type, permission bits, file and link times, link targets. */
import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface Comparison {
  readonly items: number;
  readonly bytes: number;
  /** At most the first 20 differences, as `path: what`. */
  readonly differences: readonly string[];
}

const ownFolder = '.dongbo';

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

function typeOf(s: BigIntStats): string {
  if (s.isFile()) return 'file';
  if (s.isDirectory()) return 'folder';
  return s.isSymbolicLink() ? 'link' : 'special';
}

async function compareItem(a: string, b: string): Promise<string | undefined> {
  const sa = await lstat(a, { bigint: true });
  const sb = await lstat(b, { bigint: true }).catch(() => undefined);
  if (!sb) return 'missing';
  if (typeOf(sa) !== typeOf(sb)) return `type ${typeOf(sa)} / ${typeOf(sb)}`;
  if (sa.isSymbolicLink()) {
    if ((await readlink(a)) !== (await readlink(b))) return 'link target';
    return sa.mtimeNs === sb.mtimeNs ? undefined : 'time of link';
  }
  if ((sa.mode & 0o777n) !== (sb.mode & 0o777n))
    return `mode ${sa.mode.toString(8)} / ${sb.mode.toString(8)}`;
  if (!sa.isFile()) return undefined;
  if (sa.size !== sb.size) return `size ${sa.size} / ${sb.size}`;
  if (sa.mtimeNs !== sb.mtimeNs) return `time ${sa.mtimeNs} / ${sb.mtimeNs}`;
  return (await sha256(a)) === (await sha256(b)) ? undefined : 'content';
}

/** Walks `a` and looks for each item in `b`, then looks in `b` for what `a` does not have. */
export async function compareTrees(a: string, b: string): Promise<Comparison> {
  let items = 0;
  let bytes = 0;
  const differences: string[] = [];
  const note = (path: string, what: string) =>
    differences.length < 20 && differences.push(`${path}: ${what}`);
  const walk = async (dir: string): Promise<void> => {
    const names = (await readdir(join(a, dir))).filter((n) => dir !== '' || n !== ownFolder);
    const others = await readdir(join(b, dir)).catch((): string[] => []);
    for (const extra of others)
      if (!names.includes(extra) && (dir !== '' || extra !== ownFolder))
        note(join(dir, extra), 'only in the copy');
    for (const name of names) {
      const path = join(dir, name);
      const what = await compareItem(join(a, path), join(b, path));
      if (what) note(path, what);
      const s = await lstat(join(a, path));
      items += 1;
      if (s.isFile()) bytes += s.size;
      if (s.isDirectory() && what !== 'missing') await walk(path);
    }
  };
  await walk('');
  return { items, bytes, differences };
}
