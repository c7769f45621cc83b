/** Everything that changes packs and index. One call at a time; the vault sees to it. */
import type { CopyKey } from './copy-key.ts';
import type { PackFiles } from './pack-files.ts';
import { parseHeader, recordBytes, recordHeader, recordHeaderBytes } from './pack-record.ts';
import { PackWriter } from './pack-writer.ts';
import { type Place, samePlace, type VaultIndex } from './vault-index.ts';

export interface NewChunk {
  readonly key: CopyKey;
  readonly sealed: Uint8Array;
}

interface NewRecord {
  readonly key: CopyKey;
  readonly parts: readonly Uint8Array[];
  readonly length: number;
  readonly before?: Place;
}

const maxPackBytes = 64 * 1024 * 1024;
const maxAppendBytes = 16 * 1024 * 1024;
/** A pack with less than a quarter still wanted is written anew. */
const wornShare = 4;
/** A pack in use is given up with less than half still wanted, from this size on. */
const wornActive = 2;
const minGivenUp = 4 * 1024 * 1024;
/** Places that are erased before it is noted that they are. */
const erasedAtOnce = 4096;

export class VaultWriter implements AsyncDisposable {
  readonly #files: PackFiles;
  readonly #index: VaultIndex;
  #active: PackWriter | undefined;
  #resumed = false;
  #nextPack: number;

  constructor(files: PackFiles, index: VaultIndex) {
    this.#files = files;
    this.#index = index;
    this.#nextPack = Math.max(0, ...index.packs.keys()) + 1;
  }

  async put(chunks: readonly NewChunk[]): Promise<void> {
    const places = await this.#index.find(chunks.map(({ key }) => key));
    const fresh = new Map<CopyKey, NewRecord>();
    chunks.forEach(({ key, sealed }, i) => {
      if (places[i]) return;
      const parts = [recordHeader(key, sealed), sealed];
      fresh.set(key, { key, parts, length: recordBytes(sealed) });
    });
    await this.#appendAll([...fresh.values()]);
  }

  async drop(keys: readonly CopyKey[]): Promise<void> {
    const found = await this.#index.located(keys);
    if (found.length === 0) return;
    await this.#index.drop(found);
    for (const pack of new Set(found.map(({ place }) => place.pack))) await this.#tidy(pack);
  }

  /**
   * What was dropped leaves the disk: with its pack, or it is overwritten. The header stays, since packs are walked from
   * record to record; it names an id and who pushed it. A crash before the end is made up for by the next call.
   */
  async erase(): Promise<void> {
    for (;;) {
      const places = await this.#index.erasures(erasedAtOnce);
      if (places.length === 0) return;
      for (const [pack, of] of Map.groupBy(places, (place) => place.pack)) {
        const ranges = of.map(({ offset, length }) => ({
          offset: offset + recordHeaderBytes,
          length: length - recordHeaderBytes,
        }));
        if (this.#index.packs.has(pack)) await this.#files.erase(pack, ranges);
      }
      await this.#index.erased(places);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#active?.[Symbol.asyncDispose]();
    this.#active = undefined;
  }

  async #appendAll(records: readonly NewRecord[]): Promise<void> {
    let group: NewRecord[] = [];
    let bytes = 0;
    for (const record of records) {
      if (bytes + record.length > maxAppendBytes) {
        await this.#append(group, bytes);
        group = [];
        bytes = 0;
      }
      group.push(record);
      bytes += record.length;
    }
    await this.#append(group, bytes);
  }

  /** Data first, then the index: what the index names is always on the disk. */
  async #append(records: readonly NewRecord[], bytes: number): Promise<void> {
    if (records.length === 0) return;
    const writer = await this.#writerFor(bytes);
    try {
      let offset = await writer.append(records.flatMap((r) => r.parts));
      const chunks = records.map(({ key, length, before }) => {
        const place = { pack: writer.pack, offset, length };
        offset += length;
        return { key, place, ...(before && { before }) };
      });
      await this.#index.put(writer.pack, writer.size, chunks);
    } catch (error) {
      await this.#giveUp();
      throw error;
    }
  }

  async #writerFor(bytes: number): Promise<PackWriter> {
    const full = this.#active;
    if (full && full.size + bytes <= maxPackBytes) return full;
    if (full) {
      await this.#giveUp();
      await this.#tidy(full.pack);
    }
    this.#active = (await this.#resume(bytes)) ?? (await this.#begin());
    return this.#active;
  }

  /** After a start the last pack goes on, if there is room in it. */
  async #resume(bytes: number): Promise<PackWriter | undefined> {
    const last = this.#nextPack - 1;
    const size = this.#index.packs.get(last)?.size;
    const again = this.#resumed || size === undefined || size + bytes > maxPackBytes;
    this.#resumed = true;
    return again ? undefined : PackWriter.open(last, this.#files.path(last), size);
  }

  #begin(): Promise<PackWriter> {
    const pack = this.#nextPack++;
    return PackWriter.open(pack, this.#files.path(pack), undefined);
  }

  async #giveUp(): Promise<void> {
    const writer = this.#active;
    this.#active = undefined;
    await writer?.[Symbol.asyncDispose]();
  }

  /** Removes a pack that holds nothing wanted, and moves what is left out of one that holds little. */
  async #tidy(pack: number): Promise<void> {
    const use = this.#index.packs.get(pack);
    if (!use) return;
    const active = this.#active?.pack === pack;
    if (use.live * (active ? wornActive : wornShare) >= use.size) return;
    if (active) {
      if (use.size < minGivenUp) return;
      // What is left is not to be moved into itself.
      this.#resumed = true;
      await this.#giveUp();
    }
    if (use.live > 0) await this.#moveOut(pack, use.size);
    if (this.#index.packs.get(pack)?.live !== 0) return;
    // First the index, durably: a file without an index entry is removed at the next start.
    await this.#index.dropPack(pack);
    await this.#files.remove(pack);
  }

  async #moveOut(pack: number, size: number): Promise<void> {
    let group: NewRecord[] = [];
    let bytes = 0;
    for await (const record of this.#liveRecords(pack, size)) {
      group.push(record);
      bytes += record.length;
      if (bytes < maxAppendBytes / 4) continue;
      await this.#append(group, bytes);
      group = [];
      bytes = 0;
    }
    await this.#append(group, bytes);
  }

  /** Walks the headers of a pack. Stops at the first that makes no sense; what lies behind stays where it is. */
  async *#liveRecords(pack: number, size: number): AsyncGenerator<NewRecord> {
    for (let offset = 0; offset < size; ) {
      const header = await this.#files.read(pack, offset, recordHeaderBytes);
      const parsed = header && parseHeader(header);
      if (!parsed) return;
      const before = { pack, offset, length: recordHeaderBytes + parsed.length };
      offset += before.length;
      const [place] = await this.#index.find([parsed.key]);
      if (!samePlace(place, before)) continue;
      const bytes = await this.#files.read(pack, before.offset, before.length);
      if (!bytes) return;
      // Moved as it is: a reader finds out whether it is still whole.
      yield { key: parsed.key, parts: [bytes], length: bytes.length, before };
    }
  }
}
