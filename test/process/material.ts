/** Material of a first sync: a few large files and many small ones, without repetition, the same every time. */
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededBytes, seededRandom } from './seeded.ts';

const mebibyte = 1024 * 1024;

/** `mebibytes` in four large files and `files` small ones of 1–16 KiB in folders of a hundred. */
export async function writeMaterial(folder: string, mebibytes: number, files: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let i = 0; i < 4; i += 1) await writeLarge(join(folder, `bản quét ${i}.bin`), mebibytes / 4);
  const random = seededRandom(1);
  for (let i = 0; i < files; i += 1) {
    const dir = join(folder, `Hồ sơ ${Math.floor(i / 100)}`);
    await mkdir(dir, { recursive: true });
    const size = 1024 + Math.floor(random() * 15 * 1024);
    await writeFile(join(dir, `văn bản ${i}.dat`), seededBytes(`văn bản ${i}`, size));
  }
}

export async function writeLarge(path: string, mebibytes: number): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let i = 0; i < mebibytes; i += 1) await file.write(seededBytes(`${path} ${i}`, mebibyte));
  } finally {
    await file.close();
  }
}
