/**
 * Looks through every file under a folder for the names and the contents of a source tree: what a thief of the
 * relay's disk would try first. Names count from 8 bytes on, contents by three samples of 16 bytes of each file.
 */
import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const nameBytes = 8;
const sampleBytes = 16;
/** Of a longer name so many bytes are enough. */
const longest = 48;

const viewOf = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.length);

/** Patterns of one length, with a bitmap that rules most positions out at the price of a hash. */
class PatternSet {
  readonly length: number;
  readonly #texts = new Map<string, { readonly whole: Buffer; readonly meaning: string }[]>();
  readonly #bitmap = new Uint8Array(1 << 21);

  constructor(length: number) {
    this.length = length;
  }

  size = 0;

  /** `bytes` are looked for whole, up to `longest`; their first `length` are what makes a position worth a look. */
  add(bytes: Uint8Array, meaning: string): void {
    const whole = Buffer.from(bytes.subarray(0, longest));
    const key = whole.toString('latin1', 0, this.length);
    const same = this.#texts.get(key) ?? [];
    this.#texts.set(key, same);
    same.push({ whole, meaning });
    this.size += 1;
    const slot = this.#slot(viewOf(bytes), 0);
    this.#bitmap[slot >> 3] = (this.#bitmap[slot >> 3] ?? 0) | (1 << (slot & 7));
  }

  /** Of the first eight bytes at `i`: every pattern is at least that long. */
  #slot(view: DataView, i: number): number {
    const first = view.getInt32(i, true);
    const second = view.getInt32(i + 4, true);
    return (Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)) >>> 8;
  }

  /** Meanings of all patterns that stand in `b`. */
  find(b: Uint8Array, found: Set<string>): void {
    const view = viewOf(b);
    for (let i = 0; i + this.length <= b.length; i += 1) {
      const slot = this.#slot(view, i);
      if (((this.#bitmap[slot >> 3] ?? 0) & (1 << (slot & 7))) === 0) continue;
      const key = Buffer.from(b.buffer, b.byteOffset + i, this.length).toString('latin1');
      for (const { whole, meaning } of this.#texts.get(key) ?? [])
        if (whole.equals(b.subarray(i, i + whole.length))) found.add(meaning);
    }
  }
}

async function* filesUnder(dir: string): AsyncGenerator<string> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else if (entry.isFile()) yield path;
  }
}

/** Samples that could not occur by chance: not a run of one byte, not text of one letter. */
const telling = (b: Uint8Array): boolean => new Set(b).size >= 6;

async function addSamples(path: string, set: PatternSet): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    for (const at of [0, Math.floor(size / 2), size - sampleBytes]) {
      const bytes = Buffer.alloc(sampleBytes);
      if (at < 0 || (await file.read(bytes, 0, sampleBytes, at)).bytesRead < sampleBytes) continue;
      if (telling(bytes)) set.add(bytes, `content of ${path}`);
    }
  } finally {
    await file.close();
  }
}

async function addNames(dir: string, set: PatternSet): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const name = Buffer.from(entry.name);
    if (name.length >= nameBytes) set.add(name, `name ${entry.name}`);
    if (entry.isDirectory() && entry.name !== '.dongbo') await addNames(join(dir, entry.name), set);
  }
}

export class DiskSearch {
  readonly #names = new PatternSet(nameBytes);
  readonly #samples = new PatternSet(sampleBytes);
  readonly #innocent = new Set<string>();

  /** Learns the names and contents of `source`. */
  async learn(source: string): Promise<void> {
    await addNames(source, this.#names);
    for await (const path of filesUnder(source)) await addSamples(path, this.#samples);
  }

  /**
   * What stands under `dir` proves nothing: on the disk before anything was shared (a database's own file names), or in
   * the program itself (the names of fields that it writes).
   */
  async excuse(dir: string): Promise<void> {
    for (const hit of await this.search(dir)) this.#innocent.add(hit);
  }

  get excused(): number {
    return this.#innocent.size;
  }

  get patterns(): number {
    return this.#names.size + this.#samples.size;
  }

  async search(dir: string): Promise<readonly string[]> {
    const found = new Set<string>();
    for await (const path of filesUnder(dir)) {
      const label = Buffer.from(path);
      this.#names.find(label, found);
      let tail = Buffer.alloc(0);
      for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) {
        const bytes = Buffer.concat([tail, part as Buffer]);
        this.#names.find(bytes, found);
        this.#samples.find(bytes, found);
        tail = Buffer.from(bytes.subarray(-(longest - 1)));
      }
    }
    return [...found].filter((hit) => !this.#innocent.has(hit));
  }
}
