/** Whether the root is the one that we know. Nothing is scanned, published or deleted while it is not. */
import { DongboError, type Halt, type HaltCode } from '#agent/core/errors.ts';
import type { NodeId, SpaceId } from '#agent/core/ids.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk, DiskStat } from '#agent/sys/disk.ts';
import { keepsInodes } from '#agent/sys/file-ids.ts';
import type { Random } from '#agent/sys/random.ts';
import { diskErrno } from './disk-errno.ts';
import { knownText, type Marker, parseKnown, readMarker, writeMarker } from './marker.ts';
import type { OwnPlaces } from './own-places.ts';

export interface RootParts {
  readonly root: string;
  readonly space: SpaceId;
  readonly node: NodeId;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly knownMarker?: string;
  readonly own: OwnPlaces;
}

const maxLinks = 40;

/** Follows links in the last component. What is not there yet keeps its name. */
export async function resolveRoot(disk: Disk, root: string): Promise<string> {
  let path = root;
  for (let i = 0; i < maxLinks; i++) {
    const stat = await disk.lstat(path).catch(() => undefined);
    if (stat?.kind !== 'link') return path;
    const target = await disk.readlink(path);
    if (target === undefined) return path;
    path = target.startsWith('/') ? target : `${path.slice(0, path.lastIndexOf('/'))}/${target}`;
  }
  return path;
}

export class RootGuard {
  readonly #parts: RootParts;
  #known: string | undefined;

  constructor(parts: RootParts) {
    this.#parts = parts;
    this.#known = parts.knownMarker;
  }

  get known(): string | undefined {
    return this.#known;
  }

  async check(): Promise<Halt | undefined> {
    const { disk, root } = this.#parts;
    try {
      const stat = await disk.lstat(root);
      if (stat.kind !== 'dir') return this.#halt('STORE_ROOT_GONE', { reason: stat.kind });
      const overlap = await this.#parts.own.look(root);
      if (overlap !== undefined) return this.#halt('STORE_ROOT_OVERLAPS', { reason: overlap });
      const reason = this.#foreign(await readMarker(disk, root), stat, await keepsInodes(root));
      return reason === undefined ? undefined : this.#halt('STORE_ROOT_FOREIGN', { reason }, true);
    } catch (error) {
      const errno = diskErrno(error) ?? 'unknown';
      const gone = errno === 'ENOENT' || errno === 'ENOTDIR';
      return this.#halt(gone ? 'STORE_ROOT_GONE' : 'STORE_ROOT_UNREADABLE', { reason: errno });
    }
  }

  /** Keeps the id of a sound marker of ours, else gives the root a new one. Throws STORE_ADOPT_FAILED ({folder, reason}). */
  async adopt(): Promise<void> {
    try {
      await this.#adopt();
    } catch (error) {
      const reason = diskErrno(error) ?? 'unknown';
      const details = { folder: this.#parts.root, reason };
      throw new DongboError('STORE_ADOPT_FAILED', details, { retry: 'later', cause: error });
    }
  }

  async #adopt(): Promise<void> {
    const { disk, root, space, node, clock, random } = this.#parts;
    const stat = await disk.lstat(root);
    const found = await readMarker(disk, root);
    const ours = typeof found === 'object' && found.space === space && found.node === node;
    const storeId = ours ? found.storeId : random.bytes(16).toHex();
    if (!ours) {
      const created = new Date(clock.now()).toISOString();
      await writeMarker(disk, root, { version: 1, space, node, storeId, created });
    }
    this.#known = knownText(storeId, stat);
  }

  /** Why this is not our root; undefined when it is, or when no root was ever adopted and none of another's is here. */
  #foreign(found: Marker | 'missing' | 'damaged', stat: DiskStat, keepsInodes: boolean): string | undefined {
    const { space, node } = this.#parts;
    if (found === 'missing') return this.#known === undefined ? undefined : 'marker missing';
    if (found === 'damaged') return 'marker damaged';
    if (found.space !== space) return 'marker of another space';
    if (found.node !== node) return 'marker of another node';
    if (this.#known === undefined) return undefined;
    const known = parseKnown(this.#known);
    if (found.storeId !== known?.storeId) return 'marker of another store';
    // A device number may change with a restart, an inode with some network mounts; a copy elsewhere changes both.
    if (stat.ino === known.ino) return undefined;
    if (stat.dev !== known.dev) return 'a copy on another file system';
    return keepsInodes ? 'a copy on the same file system' : undefined;
  }

  #halt(code: HaltCode, details: { reason: string }, needsRelease = false): Halt {
    return { code, details: { folder: this.#parts.root, ...details }, needsRelease };
  }
}
