/**
 * The marker of a root, `.dongbo/root.json`: which store this is. Accident 3: an empty mount point, or another disk in
 * its place, must never be read as "everything was deleted".
 */
import { constants } from 'node:os';
import { z } from 'zod';
import { type NodeId, parseNodeId, parseSpaceId, type SpaceId } from '#agent/core/ids.ts';
import { privateFolder } from '#agent/core/path.ts';
import type { Disk, DiskStat } from '#agent/sys/disk.ts';
import { makeDirDurable, writeFileDurable } from '#agent/sys/durable.ts';
import { systemError } from '#agent/sys/errno.ts';
import { diskErrno } from './disk-errno.ts';

export interface Marker {
  readonly version: 1;
  readonly space: SpaceId;
  readonly node: NodeId;
  /** 16 random bytes in hex: this store, and no other. */
  readonly storeId: string;
  /** ISO 8601, UTC. */
  readonly created: string;
}

const schema = z.strictObject({
  version: z.literal(1),
  space: z.string().transform(parseSpaceId),
  node: z.string().transform(parseNodeId),
  storeId: z.string().regex(/^[0-9a-f]{32}$/),
  created: z.string().max(40),
});

const maxMarkerBytes = 4096;
const folderOf = (root: string): string => `${root}/${privateFolder}`;
const fileOf = (root: string): string => `${folderOf(root)}/root.json`;

/** Throws the errno of the disk when it can be neither read nor shown to be missing. */
export async function readMarker(disk: Disk, root: string): Promise<Marker | 'missing' | 'damaged'> {
  try {
    const folder = await disk.lstat(folderOf(root));
    if (folder.kind !== 'dir') return 'damaged';
    await using file = await disk.openRead(fileOf(root));
    const bytes = new Uint8Array(maxMarkerBytes);
    return parse(bytes.subarray(0, await file.read(bytes, 0)));
  } catch (error) {
    const code = diskErrno(error);
    if (code === 'ENOENT') return 'missing';
    if (code === 'ELOOP' || code === 'EISDIR' || code === 'EINVAL') return 'damaged';
    throw error;
  }
}

function parse(bytes: Uint8Array): Marker | 'damaged' {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return 'damaged';
  }
}

/** Durable on return. Never through a link: throws ENOTDIR when `.dongbo` is not a directory of its own. */
export async function writeMarker(disk: Disk, root: string, marker: Marker): Promise<void> {
  await makeDirDurable(folderOf(root), 0o700, disk);
  const { kind } = await disk.lstat(folderOf(root));
  if (kind !== 'dir') throw systemError(constants.errno.ENOTDIR, 'mkdir', folderOf(root));
  const text = `${JSON.stringify(marker, undefined, 2)}\n`;
  await writeFileDurable(fileOf(root), new TextEncoder().encode(text), { mode: 0o600, disk });
}

/** What the state remembers of a root: the store's id and where its directory lies. */
export interface KnownRoot {
  readonly storeId: string;
  readonly dev: bigint;
  readonly ino: bigint;
}

export const knownText = (storeId: string, { dev, ino }: Pick<DiskStat, 'dev' | 'ino'>): string =>
  `${storeId}@${dev}.${ino}`;

/** Undefined when the text is none of ours: the root then counts as foreign. */
export function parseKnown(text: string): KnownRoot | undefined {
  const [, storeId, dev, ino] = /^([0-9a-f]{32})@(\d+)\.(\d+)$/.exec(text) ?? [];
  if (storeId === undefined || dev === undefined || ino === undefined) return undefined;
  return { storeId, dev: BigInt(dev), ino: BigInt(ino) };
}
