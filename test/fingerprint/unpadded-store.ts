/** What the relay would hold if we cut at public points and did not pad: from our own parts, into a real vault. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseChunkId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { State } from '#agent/feed/state.ts';
import { Vault } from '#agent/feed/vault.ts';
import { sealOnce } from '#agent/seal/aead.ts';
import { chunkKey, keyLength } from '#agent/seal/key-types.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { keysOf, originOf, space } from '#test/apply/author.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { chunksOf, type RelayDisk, type RelayItem } from './relay-store.ts';
import { publicCutter } from './schemes.ts';

const author = originOf(1);
/** Nothing but the marker. */
const unpadded = (length: number): number => length + 1;

export async function unpaddedDisk(files: readonly Uint8Array[]): Promise<RelayDisk> {
  const keys = keysOf(author);
  await using dir = await temporaryDir();
  await using state = await State.open(join(dir.path, 'state'), { node: author.node });
  await using vault = await Vault.open(join(dir.path, 'vault'), state);
  const items: RelayItem[] = [];
  for (const [n, file] of files.entries()) {
    const chunks: SealedChunk[] = [];
    for (let from = 0; from < file.length; ) {
      const end = publicCutter.cut(file, from, file.length, true);
      const plain = file.subarray(from, end);
      const key = chunkKey(systemRandom.bytes(keyLength));
      const sealed = sealOnce(key, new Uint8Array(0), plain, { sizeOf: unpadded });
      chunks.push({ id: parseChunkId(keys.idOf(plain)), sealed });
      from = end;
    }
    await vault.put(space, author.node, chunks);
    items.push({ file: n, chunks: chunks.map(({ id }) => id) });
  }
  const pack = await readFile(join(dir.path, 'vault', '0000000001.pack'));
  return { chunks: [...chunksOf(pack)], records: [], items };
}
