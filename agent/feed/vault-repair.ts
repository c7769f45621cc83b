/** Brings a vault's files and its index together when it is opened. The index alone says what was acknowledged. */
import type { PackFiles } from './pack-files.ts';
import type { Located, VaultIndex } from './vault-index.ts';

const droppedPerBatch = 1024;

/**
 * Removes packs that the index does not know and cuts off tails that were never acknowledged. Returns how many chunks
 * were acknowledged and are not there any more (a pack is gone or has been cut short): they are missing from now on.
 */
export async function repairVault(files: PackFiles, index: VaultIndex): Promise<number> {
  for (const pack of await files.list()) if (!index.packs.has(pack)) await files.remove(pack);
  const short = new Map<number, number>();
  for (const [pack, { size }] of index.packs) {
    const found = await files.size(pack);
    if (found === undefined || found < size) short.set(pack, found ?? 0);
    else if (found > size) await files.truncate(pack, size);
  }
  return short.size === 0 ? 0 : dropLost(index, short);
}

async function dropLost(index: VaultIndex, short: ReadonlyMap<number, number>): Promise<number> {
  let lost: Located[] = [];
  let count = 0;
  for await (const located of index.all()) {
    const { pack, offset, length } = located.place;
    const size = short.get(pack);
    if (size === undefined || offset + length <= size) continue;
    lost.push(located);
    count += 1;
    if (lost.length < droppedPerBatch) continue;
    await index.dropLost(lost);
    lost = [];
  }
  await index.dropLost(lost);
  for (const pack of short.keys()) {
    if (index.packs.get(pack)?.live === 0) await index.dropPack(pack);
  }
  return count;
}
