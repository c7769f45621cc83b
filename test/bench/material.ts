/** The material of the four works: repeatable bytes that nothing can compress. */
import { createCipheriv } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const zeros = Buffer.alloc(1 << 20);

/** AES-CTR key stream: the same bytes for the same seed, on every machine. */
function* randomBlocks(bytes: number, seed: number): Generator<Uint8Array> {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(seed, 0);
  const stream = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  for (let left = bytes; left > 0; left -= zeros.length)
    yield stream.update(zeros.subarray(0, Math.min(left, zeros.length)));
}

export function writeRandomFile(path: string, bytes: number, seed: number): void {
  const fd = openSync(path, 'w');
  try {
    for (const block of randomBlocks(bytes, seed)) writeSync(fd, block);
  } finally {
    closeSync(fd);
  }
}

/** `count` files of 1–16 KiB in folders of 200. Returns their total size. */
export function writeSmallFiles(root: string, count: number): number {
  let total = 0;
  let x = 0x9e3779b9;
  for (let i = 0; i < count; i += 1) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    const size = 1024 + ((x >>> 0) % (15 * 1024 + 1));
    const dir = join(root, `thư mục ${Math.floor(i / 200)}`);
    if (i % 200 === 0) mkdirSync(dir, { recursive: true });
    writeRandomFile(join(dir, `hồ sơ ${i}.bin`), size, i + 1);
    total += size;
  }
  return total;
}

/** Puts one byte in front of a file, the way an editor saves: a new file, written elsewhere, renamed over
 * the old one. */
export async function insertByteAtFront(path: string): Promise<void> {
  const staged = join(dirname(dirname(path)), 'staged.bin');
  const from = await open(path, 'r');
  const to = await open(staged, 'w');
  try {
    await to.write(Buffer.from([0x21]));
    for await (const block of from.createReadStream({ highWaterMark: 1 << 20, autoClose: false }))
      await to.write(block as Buffer);
  } finally {
    await from.close();
    await to.close();
  }
  await rename(staged, path);
}
