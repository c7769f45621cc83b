/**
 * Plaintext for chunk ids: copied from this disk where it is there, else fetched and opened. Whatever the source, a
 * chunk counts only when its keyed hash is its id, so neither a relay nor a damaged file can slip anything in.
 */
import type { ChunkId, SpaceId } from '#agent/core/ids.ts';
import type { ChunkRef, RemoteState } from '#agent/core/item.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { DryCounts } from './dry-counts.ts';
import type { LocalChunks } from './local-chunks.ts';
import { away, orAway } from './or-away.ts';
import type { ApplyKeys, ChunkSource, KeySource } from './ports.ts';

export interface Got {
  readonly plain: Map<ChunkId, Uint8Array>;
  /** Received, but not what they claim to be, and from no source otherwise. */
  readonly tampered: Set<ChunkId>;
}

/** An epoch whose chunks were nowhere so many times running is not asked for again in this run. */
const dryAfter = 4;
const lookEvery = 8;

type Lengths = ReadonlyMap<ChunkId, number>;

export class ChunkGetter {
  readonly #space: SpaceId;
  readonly #keys: KeySource;
  readonly #local: LocalChunks;
  readonly #source: ChunkSource;
  /** By epoch of an author: one whose chunks are nowhere must not keep the others' from being asked for. */
  readonly #dry = new DryCounts();
  /** Of large files, whose content may come long after their records: they must not keep small ones from being asked for. */
  readonly #dryLarge = new DryCounts();

  constructor(parts: { space: SpaceId; keys: KeySource; local: LocalChunks; source: ChunkSource }) {
    this.#space = parts.space;
    this.#keys = parts.keys;
    this.#local = parts.local;
    this.#source = parts.source;
  }

  /**
   * What is in neither map could not be had now. Refs of at most a few MiB, sealed under `from`'s epoch. `neighbours` of
   * one file are on this disk together or not at all, more often than not: a few tell whether to look for the others.
   * Of a chunk longer than its ref says only so much is kept that it does not fit: refs of one byte could name the
   * largest chunks.
   */
  async get(
    refs: Iterable<ChunkRef>,
    from: Pick<RemoteState, 'author' | 'epoch'>,
    { signal, neighbours = false }: { signal: AbortSignal; neighbours?: boolean },
  ): Promise<Got> {
    const most = lengthsOf(refs);
    const wanted = [...most.keys()];
    const plain = await this.#here(wanted, most, from, neighbours);
    const got: Got = { plain, tampered: new Set() };
    const absent = wanted.filter((id) => !plain.has(id));
    signal.throwIfAborted();
    const dry = neighbours ? this.#dryLarge : this.#dry;
    if (absent.length === 0 || dry.of(from) >= dryAfter) return got;
    const keys = await this.#keys.keysFor(this.#space, from.author, from.epoch);
    if (!keys) return got;
    await this.#fetch(absent, most, keys, from, got, signal);
    dry.note(
      from,
      absent.some((id) => got.plain.has(id)),
    );
    return got;
  }

  async #here(
    wanted: readonly ChunkId[],
    most: Lengths,
    { author, epoch }: Pick<RemoteState, 'author' | 'epoch'>,
    neighbours: boolean,
  ): Promise<Map<ChunkId, Uint8Array>> {
    if (!neighbours) return this.#local.plains(author, epoch, wanted, most);
    const some = wanted.filter((_, i) => i % lookEvery === 0);
    const plain = await this.#local.plains(author, epoch, some, most);
    if (plain.size === 0) return plain;
    const others = await this.#local.plains(
      author,
      epoch,
      wanted.filter((_, i) => i % lookEvery !== 0),
      most,
    );
    return new Map([...plain, ...others]);
  }

  async #fetch(
    ids: readonly ChunkId[],
    most: Lengths,
    keys: ApplyKeys,
    from: Pick<RemoteState, 'author' | 'epoch'>,
    got: Got,
    signal: AbortSignal,
  ): Promise<void> {
    const wanted = new Set(ids);
    const take = ({ id, sealed }: SealedChunk): boolean => {
      if (!wanted.has(id)) return false;
      const plain = orAway(() => keys.openChunk(id, sealed));
      if (plain === away) return false;
      if (plain) got.plain.set(id, cut(plain, most.get(id)));
      else got.tampered.add(id);
      return plain !== undefined;
    };
    await this.#source.fetch(ids, { space: this.#space, author: from.author, take, signal });
    for (const id of got.plain.keys()) got.tampered.delete(id);
    signal.throwIfAborted();
  }
}

/** What refs say of their chunks, at most. */
function lengthsOf(refs: Iterable<ChunkRef>): Lengths {
  const most = new Map<ChunkId, number>();
  for (const { id, length } of refs) most.set(id, Math.max(length, most.get(id) ?? 0));
  return most;
}

const cut = (plain: Uint8Array, most = 0): Uint8Array =>
  plain.length > most ? plain.slice(0, most + 1) : plain;
