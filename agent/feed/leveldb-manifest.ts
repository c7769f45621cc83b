/** Reads LevelDB's manifest (version edits, its `db/version_edit.cc`): which files the database stands on. */
import { readLog } from './leveldb-log.ts';

export interface Manifest {
  /** Bytes of each live table, by its number. */
  readonly tables: ReadonlyMap<number, number>;
  /** Number of the oldest write-ahead log that is still needed; it always exists. */
  readonly log: number;
}

const tags = {
  comparator: 1,
  log: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deleted: 6,
  added: 7,
  previousLog: 9,
} as const;

/** Undefined when it makes no sense. A torn last edit is left out, as LevelDB does. */
export function readManifest(file: Uint8Array): Manifest | undefined {
  const { records, end } = readLog(file);
  if (end === 'damaged' || records.length === 0) return undefined;
  const state = { tables: new Map<number, number>(), log: 0 };
  try {
    for (const record of records) applyEdit(state, new Reader(record));
  } catch {
    return undefined;
  }
  return state;
}

function applyEdit(state: { tables: Map<number, number>; log: number }, edit: Reader): void {
  while (edit.more()) {
    const tag = edit.varint();
    if (tag === tags.comparator) edit.skipBytes();
    else if (tag === tags.log) state.log = edit.varint();
    else if (tag === tags.nextFile || tag === tags.lastSequence || tag === tags.previousLog) edit.varint();
    else if (tag === tags.compactPointer) edit.skipLevelAndKey();
    else if (tag === tags.deleted) {
      edit.varint();
      state.tables.delete(edit.varint());
    } else if (tag === tags.added) {
      edit.varint();
      state.tables.set(edit.varint(), edit.varint());
      edit.skipBytes();
      edit.skipBytes();
    } else throw new RangeError('unknown tag');
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  more(): boolean {
    return this.#at < this.#bytes.length;
  }

  /** Little-endian groups of seven bits; file numbers and sizes stay far below 2^53. */
  varint(): number {
    for (let value = 0, unit = 1; ; unit *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('cut off');
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
  }

  skipBytes(): void {
    const length = this.varint();
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError('cut off');
  }

  skipLevelAndKey(): void {
    this.varint();
    this.skipBytes();
  }
}
