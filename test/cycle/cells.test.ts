/** A space of CONFIDENTIAL: everything travels in cells, and every file arrives. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { cellBytes, cellData, cellsOf, EmptyCells, rulesOf } from '#agent/core/cells.ts';
import { decodeChange } from '#agent/core/change-codec.ts';
import type { ChunkId } from '#agent/core/ids.ts';
import type { ItemChange } from '#agent/core/item.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import { chunkIdsOf } from '#agent/cycle/content-ids.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import type { ItemKeys } from '#agent/seal/item-keys.ts';
import { noise } from '#test/apply/bytes.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { draft, makeParties } from '#test/trust/parties.ts';
import { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

const confidential = { sensitivity: 'CONFIDENTIAL', secrecy: 'NONE', personalData: 'NONE' } as const;

/** One publishes; what the other asks for comes from it, and is noted. */
async function two() {
  const [a, b] = await makeParties('H29.12', 'H29.13');
  const members = [
    [a, 'publish', 'subscribe'],
    [b, 'subscribe'],
  ] as const;
  const plain = draft(members, { label: confidential });
  const cleared = plain.members.map((m) => ({ ...m, highestLabel: 'CONFIDENTIAL' }));
  const agreement = await signAgreement({ ...plain, members: cleared }, a);
  const open = async (me: typeof a, sources: () => readonly SpaceNode[]) => {
    const dir = await temporaryDir();
    const node = await SpaceNode.open({ me, agreement, dir: dir.path, sources });
    cleanup.push(dir, node);
    return node;
  };
  const one = await open(a, () => []);
  const reader = await open(b, () => [one]);
  const sync = async () => {
    await one.settle();
    await one.bring(reader);
    await reader.settle();
  };
  return { a: one, b: reader, sync };
}

interface Published {
  readonly change: ItemChange;
  readonly keys: ItemKeys;
  readonly sealedRecord: number;
  /** All that a link would offer for it. */
  readonly ids: readonly ChunkId[];
}

async function published({ own, keyring }: SpaceNode): Promise<Published[]> {
  const all: Published[] = [];
  for await (const segment of own.state.segments(own.origin, 1)) {
    for (const body of segment.bodies) {
      const record = body && decodeRecord(body);
      if (record?.type !== 'item') continue;
      const keys = await keyring.keysFor(own.space, own.origin, record.epoch);
      const plain = keys?.openRecord(record.sealed);
      if (!keys || !plain) throw new Error('an own record does not open');
      const one = { ...segment, bodies: [body] };
      const ids = await Array.fromAsync(
        chunkIdsOf(one, { state: own.state, keyring, lacks: async (some) => some, only: () => true }),
      );
      const change = decodeChange(plain, rulesOf(keys.form));
      all.push({ change, keys, sealedRecord: record.sealed.length, ids });
    }
  }
  return all;
}

const newest = async (node: SpaceNode, path: string): Promise<Published> => {
  const found = (await published(node)).findLast(({ change }) => change.path === path);
  if (!found) throw new Error(`${path} is not published`);
  return found;
};

const sizes = [0, 1, 100, cellData, cellData + 1, 8 * cellData, 20 * cellData + 7];

describe('a space of CONFIDENTIAL', () => {
  it('brings every file, small or streamed, in cells that are whole and of one size', async () => {
    const { a, b, sync } = await two();
    await mkdir(a.at('thư mục'));
    for (const [i, size] of sizes.entries()) await writeFile(a.at(`thư mục/${i}`), noise(size, i + 1));
    await sync();
    for (const [i, size] of sizes.entries())
      expect(Buffer.from(noise(size, i + 1)).equals(await readFile(b.at(`thư mục/${i}`)))).toBe(true);
    expect(await b.problems()).toEqual({});
    const all = await published(a);
    expect(new Set(all.map(({ sealedRecord }) => sealedRecord)).size).toBe(1);
    for (const { change, keys, ids } of all) {
      expect(keys.form).toBe('cells');
      if (change.state.kind !== 'file') continue;
      expect(new Set(ids).size).toBe(cellsOf(change.state.size));
      for (const id of ids) {
        const served = await a.own.local?.sealedById(a.own.origin.node, id);
        expect(served?.sealed.length).toBe(cellBytes);
        // What arrived is served on as it came, the empty cells too.
        expect(await b.own.local?.sealedById(a.own.origin.node, id)).toEqual(served);
      }
    }
  });

  it('is sent the cells that changed, and an empty one when the file grows into it', async () => {
    const { a, b, sync } = await two();
    const bytes = noise(3 * cellData, 5);
    await writeFile(a.at('hồ sơ'), bytes);
    await sync();
    const before = await newest(a, 'hồ sơ');
    bytes[cellData + 5] = (bytes[cellData + 5] ?? 0) ^ 1;
    await writeFile(a.at('hồ sơ'), Buffer.concat([bytes, Buffer.from('thêm')]));
    await sync();
    const after = await newest(a, 'hồ sơ');
    const fresh = after.ids.filter((id) => !before.ids.includes(id));
    expect([before.ids.length, after.ids.length, fresh.length]).toEqual([8, 8, 2]);
    expect(await readFile(b.at('hồ sơ'))).toEqual(await readFile(a.at('hồ sơ')));
  });

  it('shares no cell between files, nor with what a file was called before', async () => {
    const { a, b, sync } = await two();
    const bytes = noise(2 * cellData, 6);
    await writeFile(a.at('một'), bytes);
    await writeFile(a.at('hai'), bytes);
    await sync();
    const [one, two_] = [await newest(a, 'một'), await newest(a, 'hai')];
    expect(one.ids.filter((id) => two_.ids.includes(id))).toEqual([]);
    await rename(a.at('một'), a.at('ba'));
    await sync();
    const renamed = await newest(a, 'ba');
    expect(renamed.ids.filter((id) => one.ids.includes(id))).toEqual([]);
    expect(Buffer.from(bytes).equals(await readFile(b.at('ba')))).toBe(true);
  });

  it('goes on without the empty cells: nobody can keep a file back by them', async () => {
    const { a, b, sync } = await two();
    await writeFile(a.at('f'), noise(2 * cellData, 7));
    await a.settle();
    const { keys, change } = await newest(a, 'f');
    const withheld = new Set([...new EmptyCells(keys, 'f', 2 * cellData)].map(({ id }) => id));
    expect([withheld.size, change.content?.refs.length]).toEqual([6, 2]);
    const { local } = a.own;
    if (!local) throw new Error('no files');
    const serve = local.sealedById.bind(local);
    local.sealedById = async (author, id) => (withheld.has(id) ? undefined : serve(author, id));
    await sync();
    expect((await readFile(b.at('f'))).length).toBe(2 * cellData);
  });
});

it('the records of a segment come by their tags, which tell nothing, and not by their names', async () => {
  const { a } = await two();
  for (const name of 'abcdefgh') await writeFile(a.at(`${name}.txt`), name);
  await a.settle();
  const tags: string[] = [];
  for await (const { header, bodies } of a.own.state.segments(a.own.origin, 1))
    for (const [i, body] of bodies.entries())
      if (body && decodeRecord(body).type === 'item') tags.push(header.entries[i]?.tag ?? '');
  expect(tags).toHaveLength(8);
  expect(tags).toEqual(tags.toSorted());
});
