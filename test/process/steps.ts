/** What people do in a folder, and what else than equal trees must be true at the other end afterwards. */
import { execFile } from 'node:child_process';
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { seededBytes } from './seeded.ts';

export interface Step {
  readonly name: string;
  /** Done in the folder of one agency. */
  readonly act: (folder: string) => Promise<void>;
  /** Looked at in the folder of the other; throws what is wrong. */
  readonly check?: (folder: string) => Promise<void>;
}

const run = promisify(execFile);
const scan = 'Bản quét/Quyết định 1562.bin';
const note = 'Công văn đến/Tờ trình số 15.txt';

/** What both agencies have before the first step: a scan of 3 MB, some texts, a link, an empty folder. */
export async function writeFirstDocuments(folder: string): Promise<void> {
  await write(folder, scan, seededBytes('scan', 3_000_000));
  await write(folder, note, 'Kính trình lãnh đạo Sở xem xét.\n');
  await write(folder, 'Danh mục/đơn vị.csv', 'mã,tên\n01,Hà Nội\n');
  await mkdir(join(folder, 'Chờ xử lý'));
  await symlink('../Danh mục/đơn vị.csv', join(folder, 'Công văn đến/hiện hành.csv'));
}

async function write(folder: string, path: string, bytes: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), bytes);
}

async function insert(file: string, at: number, bytes: Uint8Array): Promise<void> {
  const old = await readFile(file);
  await writeFile(file, Buffer.concat([old.subarray(0, at), bytes, old.subarray(at)]));
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** The trash of `folder` must hold `path`, as it was. */
async function inTrash(folder: string, path: string, bytes: string): Promise<void> {
  const trash = join(folder, '.dongbo/trash');
  const found: string[] = [];
  for (const bin of await readdir(trash))
    found.push(await readFile(join(trash, bin, path), 'utf8').catch(() => ''));
  must(found.includes(bytes), `${path} is not in the trash`);
}

const edits: readonly Step[] = [
  { name: 'a new file', act: (f) => write(f, 'Mới/văn bản đầu.txt', 'một\n') },
  { name: 'an empty file', act: (f) => write(f, 'Mới/rỗng.txt', '') },
  {
    name: 'bytes inserted in the middle',
    act: (f) => insert(join(f, scan), 1_234_567, Buffer.from('chèn vào')),
  },
  { name: 'bytes appended', act: (f) => appendFile(join(f, scan), seededBytes('append', 100_000)) },
  { name: 'a file truncated', act: (f) => truncate(join(f, scan), 2_000_001) },
  { name: 'a file truncated to nothing', act: (f) => truncate(join(f, 'Mới/văn bản đầu.txt'), 0) },
  { name: 'a file replaced by renaming another over it', act: replaceByRename },
];

async function replaceByRename(folder: string): Promise<void> {
  await writeFile(join(folder, 'Công văn đến/.tạm'), 'Bản thay thế.\n');
  await rename(join(folder, 'Công văn đến/.tạm'), join(folder, note));
}

const metadata: readonly Step[] = [
  { name: 'mode of a file', act: (f) => chmod(join(f, note), 0o640) },
  { name: 'a file made read-only', act: (f) => chmod(join(f, 'Danh mục/đơn vị.csv'), 0o444) },
  { name: 'mode of a folder', act: (f) => chmod(join(f, 'Chờ xử lý'), 0o750) },
  { name: 'time of a file, to the nanosecond', act: touch, check: touched },
];

async function touch(folder: string): Promise<void> {
  await run('touch', ['-d', '2021-02-03T04:05:06.123456789Z', join(folder, note)]);
}

async function touched(folder: string): Promise<void> {
  const { mtimeNs } = await stat(join(folder, note), { bigint: true });
  must(mtimeNs % 1_000_000_000n === 123_456_789n, `time of the copy is ${mtimeNs}`);
}

const moves: readonly Step[] = [
  { name: 'a file renamed', act: (f) => rename(join(f, note), join(f, 'Công văn đến/Tờ trình 16.txt')) },
  { name: 'a link changed', act: changeLink },
  {
    name: 'an empty folder',
    act: (f) => mkdir(join(f, 'Trống/bên trong'), { recursive: true }).then(() => undefined),
  },
  { name: 'a folder renamed', act: (f) => rename(join(f, 'Danh mục'), join(f, 'Danh mục dùng chung')) },
];

async function changeLink(folder: string): Promise<void> {
  const link = join(folder, 'Công văn đến/hiện hành.csv');
  await unlink(link);
  await symlink('không có ở đâu', link);
}

const kinds: readonly Step[] = [
  { name: 'a file becomes a folder', act: fileToFolder },
  { name: 'a folder becomes a file', act: folderToFile },
  { name: 'a folder becomes a link', act: folderToLink },
  { name: 'a link becomes a file', act: linkToFile },
];

async function fileToFolder(folder: string): Promise<void> {
  await unlink(join(folder, 'Mới/rỗng.txt'));
  await write(folder, 'Mới/rỗng.txt/trong.txt', 'nay là thư mục\n');
}

async function folderToFile(folder: string): Promise<void> {
  await rm(join(folder, 'Mới/rỗng.txt'), { recursive: true });
  await writeFile(join(folder, 'Mới/rỗng.txt'), 'lại là tệp\n');
}

async function folderToLink(folder: string): Promise<void> {
  await rm(join(folder, 'Trống'), { recursive: true });
  await symlink('Chờ xử lý', join(folder, 'Trống'));
}

async function linkToFile(folder: string): Promise<void> {
  await unlink(join(folder, 'Trống'));
  await writeFile(join(folder, 'Trống'), 'không còn là liên kết\n');
}

const deletes: readonly Step[] = [
  {
    name: 'a file deleted: the other end keeps it in its trash',
    act: (f) => unlink(join(f, 'Công văn đến/Tờ trình 16.txt')),
    check: (f) => inTrash(f, 'Công văn đến/Tờ trình 16.txt', 'Bản thay thế.\n'),
  },
  {
    name: 'a folder deleted with what is in it',
    act: (f) => rm(join(f, 'Danh mục dùng chung'), { recursive: true }),
    check: async (f) =>
      must(!(await lstat(join(f, 'Danh mục dùng chung')).catch(() => undefined)), 'still there'),
  },
];

export const steps: readonly Step[] = [...edits, ...metadata, ...moves, ...kinds, ...deletes];
