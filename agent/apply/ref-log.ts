/** The chunks of one file in order, 36 bytes each, and its lists: what the index needs once the file is in place. */
import { decodeRefs, encodeRefs, refBytes } from '#agent/core/chunk-refs.ts';
import type { ChunkId } from '#agent/core/ids.ts';
import type { ChunkRef } from '#agent/core/item.ts';
import type { Location } from './ports.ts';

const firstRoom = 64;

interface Empties extends Iterable<{ readonly id: ChunkId; readonly offset: number }> {
  readonly count: number;
}

export class RefLog {
  #bytes = new Uint8Array(firstRoom * refBytes);
  #count = 0;
  /** Plaintexts of the lists of a large file, by id. */
  readonly lists = new Map<ChunkId, Uint8Array>();

  /** What rounds the file up; others may ask for it here. */
  empties: Empties | undefined;

  get count(): number {
    return this.#count + this.lists.size + (this.empties?.count ?? 0);
  }

  add(ref: ChunkRef): void {
    const at = this.#count * refBytes;
    if (at === this.#bytes.length) {
      const grown = new Uint8Array(at * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(encodeRefs([ref]), at);
    this.#count += 1;
  }

  *locations(path: string): Generator<[ChunkId, Location]> {
    for (const [id, list] of this.lists) yield [id, { path, list }];
    let offset = 0;
    for (let i = 0; i < this.#count; i++) {
      const [ref] = decodeRefs(this.#bytes.subarray(i * refBytes, (i + 1) * refBytes));
      if (!ref) return;
      yield [ref.id, { path, offset, length: ref.length }];
      offset += ref.length;
    }
    for (const empty of this.empties ?? []) yield [empty.id, { path, offset: empty.offset, length: 0 }];
  }
}
