/**
 * What a file holds may be an item that this node published before, renamed or copied: then it keeps at least the class
 * of that, or a rename would lower a label. Found by its first chunk under the keys of each epoch of a
 * higher class; cells are named by their path too, so what is sealed in cells is found by its size, with no key, while
 * a device for state secrets is away too. Believed when size and hash are those of the item found.
 */
import { Cutter } from '#agent/core/chunker.ts';
import { parseLabelClass } from '#agent/core/clearance.ts';
import { isCode } from '#agent/core/errors.ts';
import { type Origin, originKey, type SpaceId } from '#agent/core/ids.ts';
import type { RemoteRecord, Row } from '#agent/core/item.ts';
import { highestLabel, type Label, labelClass, labelWithin } from '#agent/core/label.ts';
import type { LabelDecisions } from '#agent/core/label-decisions.ts';
import { maxChunk } from '#agent/core/sealed-chunk.ts';
import { joinPath } from '#agent/core/path.ts';
import { epochKey } from '#agent/feed/key-ledger.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { ItemKeys } from '#agent/seal/item-keys.ts';
import type { Found, Store } from '#agent/store/store.ts';
import { hashContent } from './read-content.ts';

export interface KinParts {
  readonly space: SpaceId;
  readonly state: Pick<SpaceState, 'children' | 'locations' | 'row'>;
  readonly store: Store;
  readonly decisions: LabelDecisions;
  /** Every epoch of this node's feed, the first one first. */
  readonly ownEpochs: () => AsyncIterable<ItemKeys>;
  readonly classOf: (author: Origin, epoch: number) => Promise<string | undefined>;
}

/** The newest are looked at; each costs a hash of up to 256 KiB for every new file. */
const maxEpochs = 32;

export class Kin {
  readonly #parts: KinParts;
  readonly #sizes = new Map<number, Set<string>>();
  #looked: Promise<void> | undefined;
  #epochs: readonly { readonly keys: ItemKeys; readonly label: Label }[] | undefined;

  constructor(parts: KinParts) {
    this.#parts = parts;
  }

  /** A look begins: other epochs may have been opened since. */
  begin(): void {
    this.#epochs = undefined;
  }

  /** At least `given`. Throws what reading the file throws. */
  async classFor(found: Found, given: string, signal: AbortSignal): Promise<string> {
    const own = parseLabelClass(given);
    const size = found.facts.size;
    if (!own || found.kind !== 'file' || size === 0) return given;
    this.#epochs ??= await this.#newest();
    const higher = this.#epochs.filter(({ label }) => !labelWithin(label, own));
    if (higher.length === 0) return given;
    const paths = await this.#pathsOf(found, higher, signal);
    let label = own;
    for (const path of paths) {
      const row = path === found.path ? undefined : await this.#parts.state.row(path);
      const published = row?.remote && (await this.#floor(found.path, row.remote));
      if (!row || !published || labelWithin(published, label)) continue;
      if (await this.#isSame(found, row, signal)) label = highestLabel(label, published);
    }
    return labelClass(label);
  }

  async #newest() {
    const epochs: { keys: ItemKeys; label: Label }[] = [];
    for await (const keys of this.#parts.ownEpochs()) {
      const label = parseLabelClass(keys.labelClass);
      if (label) epochs.push({ keys, label });
      if (epochs.length > maxEpochs) epochs.shift();
    }
    return epochs;
  }

  /** Where the first chunk of the file is known to lie at the start of another one. */
  async #pathsOf(
    { path, facts: { size } }: Found,
    epochs: readonly { readonly keys: ItemKeys }[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const paths = new Set<string>();
    if (epochs.some(({ keys }) => keys.form === 'cells'))
      for (const other of (await this.#inCells()).get(size) ?? []) paths.add(other);
    if (epochs.every(({ keys }) => keys.form === 'cells')) return paths;
    const head = await this.#head(path, Math.min(size, maxChunk), signal);
    for (const { keys } of epochs) {
      if (keys.form === 'cells') continue;
      const end = new Cutter(keys.gear).cut(head, 0, head.length, head.length === size);
      if (end < 0) continue;
      for (const place of await this.#parts.state.locations(keys.idOf(head.subarray(0, end))))
        if ('offset' in place && place.offset === 0) paths.add(place.path);
    }
    return paths;
  }

  /** A file was sealed in cells. */
  note(path: string, size: number): void {
    this.#sizes.set(size, (this.#sizes.get(size) ?? new Set()).add(path));
  }

  /** Paths by size of all files that were sealed here in cells; one that has changed since is found out later. */
  async #inCells(): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
    this.#looked ??= this.#lookBack().catch((error) => {
      this.#looked = undefined;
      throw error;
    });
    await this.#looked;
    return this.#sizes;
  }

  /** Once in a process: what was sealed before it began. */
  async #lookBack(): Promise<void> {
    const cells = new Set<string>();
    for await (const { origin, epoch, form } of this.#parts.ownEpochs())
      if (form === 'cells') cells.add(epochKey(origin, epoch));
    const stack = [''];
    for (let dir = stack.pop(); dir !== undefined; dir = stack.pop())
      for await (const [name, row] of this.#parts.state.children(dir)) {
        const path = joinPath(dir, name);
        const states = [row.local?.state, row.remote?.state];
        if (states.some((state) => state?.kind === 'dir')) stack.push(path);
        if (!sealers(row).some((key) => cells.has(key))) continue;
        for (const state of states) if (state?.kind === 'file') this.note(path, state.size);
      }
  }

  async #head(path: string, length: number, signal: AbortSignal): Promise<Uint8Array> {
    await using read = await this.#parts.store.read(path, signal);
    const head = new Uint8Array(length);
    let filled = 0;
    for await (const bytes of read.chunks()) {
      const part = bytes.subarray(0, length - filled);
      head.set(part, filled);
      filled += part.length;
      if (filled === length) break;
    }
    return head.subarray(0, filled);
  }

  async #isSame(found: Found, { local, remote }: Row, signal: AbortSignal): Promise<boolean> {
    const state = local?.state.kind === 'file' ? local.state : remote?.state;
    if (state?.kind !== 'file' || state.size !== found.facts.size) return false;
    const read = await hashContent(this.#parts.store, found.path, signal).catch((error: unknown) => {
      if (isCode(error, 'STORE_ITEM_GONE')) return undefined;
      throw error;
    });
    return read?.state.sha256 === state.sha256;
  }

  /** What it was published under, as far as no decision on the new path came after that. */
  async #floor(path: string, { author, epoch, seq }: RemoteRecord): Promise<Label | undefined> {
    const { classOf, decisions } = this.#parts;
    const published = parseLabelClass((await classOf(author, epoch)) ?? '');
    return published && decisions.floor(path, published, { feed: originKey(author), seq });
  }
}

/** Under which epochs the row has been sealed. */
const sealers = ({ local, remote }: Row): readonly string[] => [
  ...(local?.sealedBy && local.epoch !== undefined ? [epochKey(local.sealedBy, local.epoch)] : []),
  ...(remote ? [epochKey(remote.author, remote.epoch)] : []),
];
