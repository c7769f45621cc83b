/** Where each sealed chunk lies, and how much of each pack is still wanted. In memory: a few numbers per pack. */
import { bytesOf, type ChunkId, type SpaceId } from '#agent/core/ids.ts';
import { type CopyKey, copiesPrefix } from './copy-key.ts';
import type { Db, Op } from './db.ts';
import { allUnder, joinKey, numberFrom } from './keys.ts';

export interface Place {
  readonly pack: number;
  readonly offset: number;
  /** Bytes of the record: header and sealed chunk. */
  readonly length: number;
}

export interface PackUse {
  /** Bytes that were acknowledged; a file may be longer after a crash. */
  readonly size: number;
  /** Bytes of records that are still indexed. */
  readonly live: number;
}

const numberBytes = 6;
const kinds = { chunk: 'v', pack: 'w', erased: 'i' } as const;

export interface Located {
  readonly key: CopyKey;
  readonly place: Place;
}

const placeKey = (key: CopyKey): Uint8Array => joinKey(kinds.chunk, bytesOf(key));
const erasureKey = ({ pack, offset }: Place): Uint8Array => joinKey(kinds.erased, pack, offset);
const keyFrom = (bytes: Uint8Array): CopyKey => bytes.subarray(1).toHex();

export const samePlace = (a: Place | undefined, b: Place | undefined): boolean =>
  a?.pack === b?.pack && a?.offset === b?.offset;

export class VaultIndex {
  readonly #db: Db;
  readonly #packs: Map<number, PackUse>;

  private constructor(db: Db, packs: Map<number, PackUse>) {
    this.#db = db;
    this.#packs = packs;
  }

  static async open(db: Db): Promise<VaultIndex> {
    const packs = new Map<number, PackUse>();
    for await (const [key, value] of db.entries(allUnder(joinKey(kinds.pack)))) {
      packs.set(numberFrom(key, -numberBytes), {
        size: numberFrom(value),
        live: numberFrom(value, numberBytes),
      });
    }
    return new VaultIndex(db, packs);
  }

  get packs(): ReadonlyMap<number, PackUse> {
    return this.#packs;
  }

  async find(keys: readonly CopyKey[]): Promise<(Place | undefined)[]> {
    const values = await this.#db.getMany(keys.map(placeKey));
    return values.map((value) => value && decodePlace(value));
  }

  /** Those of `keys` that are here, in the order asked. */
  async located(keys: readonly CopyKey[]): Promise<Located[]> {
    const places = await this.find(keys);
    return keys.flatMap((key, i) => {
      const place = places[i];
      return place ? [{ key, place }] : [];
    });
  }

  /** At most `limit` copies of each chunk, whoever pushed them, in the order of `ids`. */
  async copies(space: SpaceId, ids: readonly ChunkId[], limit: number): Promise<Located[][]> {
    const ranges = ids.map((id) => allUnder(joinKey(kinds.chunk, copiesPrefix(space, id))));
    const found = await this.#db.firstOf(ranges, limit);
    return found.map((entries) =>
      entries.map(([key, value]) => ({ key: keyFrom(key), place: decodePlace(value) })),
    );
  }

  async *all(): AsyncGenerator<Located> {
    for await (const [key, value] of this.#db.entries(allUnder(joinKey(kinds.chunk)))) {
      yield { key: keyFrom(key), place: decodePlace(value) };
    }
  }

  /** Adds chunks (or moves them, when `before` says from where) and sets the new size of their pack. One batch. */
  async put(
    pack: number,
    size: number,
    chunks: readonly (Located & { readonly before?: Place })[],
  ): Promise<void> {
    const changes = new PackChanges(this.#packs);
    changes.setSize(pack, size);
    for (const { place, before } of chunks) {
      changes.addLive(pack, place.length);
      if (before) changes.addLive(before.pack, -before.length);
    }
    await this.#write(
      chunks.map(({ key, place }) => ({ key: placeKey(key), value: encodePlace(place) })),
      changes,
    );
  }

  /** In the same step it is noted that their bytes are to be erased, until `erased`. */
  async drop(chunks: readonly Located[]): Promise<void> {
    const dues = chunks.map(({ place }) => ({ key: erasureKey(place), value: joinKey(place.length) }));
    await this.#drop(chunks, dues);
  }

  /** Of what is not there any more. */
  async dropLost(chunks: readonly Located[]): Promise<void> {
    await this.#drop(chunks, []);
  }

  async #drop(chunks: readonly Located[], more: Op[]): Promise<void> {
    const changes = new PackChanges(this.#packs);
    for (const { place } of chunks) changes.addLive(place.pack, -place.length);
    await this.#write([...chunks.map(({ key }) => ({ key: placeKey(key) })), ...more], changes);
  }

  /** Places whose bytes are to be erased, pack by pack. At most `limit`. */
  async erasures(limit: number): Promise<Place[]> {
    const places: Place[] = [];
    for await (const [key, value] of this.#db.entries(allUnder(joinKey(kinds.erased)), { limit })) {
      const [pack, offset] = [numberFrom(key, -2 * numberBytes), numberFrom(key, -numberBytes)];
      places.push({ pack, offset, length: numberFrom(value) });
    }
    return places;
  }

  async erased(places: readonly Place[]): Promise<void> {
    await this.#db.write(places.map((place) => ({ key: erasureKey(place) })));
  }

  /** Of a pack that nothing is indexed in any more. Its number may come again: nothing of it is left to be erased. */
  async dropPack(pack: number): Promise<void> {
    const ops: Op[] = [{ key: joinKey(kinds.pack, pack) }];
    for await (const [key] of this.#db.entries(allUnder(joinKey(kinds.erased, pack)))) ops.push({ key });
    await this.#db.write(ops);
    this.#packs.delete(pack);
  }

  async #write(ops: Op[], changes: PackChanges): Promise<void> {
    for (const [pack, { size, live }] of changes.packs) {
      ops.push({ key: joinKey(kinds.pack, pack), value: joinKey(size, live) });
    }
    await this.#db.write(ops);
    for (const [pack, use] of changes.packs) this.#packs.set(pack, use);
  }
}

class PackChanges {
  readonly packs = new Map<number, PackUse>();
  readonly #before: ReadonlyMap<number, PackUse>;

  constructor(before: ReadonlyMap<number, PackUse>) {
    this.#before = before;
  }

  #use(pack: number): PackUse {
    return this.packs.get(pack) ?? this.#before.get(pack) ?? { size: 0, live: 0 };
  }

  setSize(pack: number, size: number): void {
    this.packs.set(pack, { ...this.#use(pack), size });
  }

  addLive(pack: number, bytes: number): void {
    const use = this.#use(pack);
    this.packs.set(pack, { ...use, live: use.live + bytes });
  }
}

const encodePlace = ({ pack, offset, length }: Place): Uint8Array => joinKey(pack, offset, length);

const decodePlace = (bytes: Uint8Array): Place => ({
  pack: numberFrom(bytes),
  offset: numberFrom(bytes, numberBytes),
  length: numberFrom(bytes, 2 * numberBytes),
});
