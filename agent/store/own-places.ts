/**
 * What of this node's own must never be in a shared folder: its state, its keys, its configuration, folders of other
 * spaces. Names prove nothing, since a folder may be a link, or be mounted twice: directories are the same when the
 * kernel says so, by device and inode.
 */
import { type FileId, idsUpwards, idsWithin, keyOf } from '#agent/sys/file-ids.ts';

export interface OwnPlace {
  /** The field of the configuration that names it, for people. */
  readonly name: string;
  /** Absolute. It need not be there. */
  readonly path: string;
  /** Whether nothing of it may be listed, wherever it turns up: by a hard link or a mount, too. */
  readonly secret: boolean;
}

export class OwnPlaces {
  readonly #places: readonly OwnPlace[];
  #secret: ReadonlySet<string> = new Set();

  constructor(places: readonly OwnPlace[]) {
    this.#places = places;
  }

  /** As of the last `look`. */
  isSecret(found: FileId): boolean {
    return this.#secret.has(keyOf(found));
  }

  /** Looks where all of them are now. The name of one that lies in `folder`, or that `folder` lies in, if any does. */
  async look(folder: string): Promise<string | undefined> {
    const secret = new Set<string>();
    const here = await idsUpwards(folder);
    let overlap: string | undefined;
    for (const { name, path, secret: hidden } of this.#places) {
      const there = await idsUpwards(path);
      if (there.includes(here[0] ?? '') || here.includes(there[0] ?? '')) overlap ??= name;
      if (hidden) for (const id of await idsWithin(path)) secret.add(id);
    }
    this.#secret = secret;
    return overlap;
  }
}
