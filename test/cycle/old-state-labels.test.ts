/** A state from before labels could be raised: what came and went then is withdrawn like anything else. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { SpaceKeys } from '#agent/feed/keys.ts';
import { cleared } from './cleared.ts';
import { chunksOf } from './relay.ts';
import type { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

const low: LabelRule[] = [{ path: '**', sensitivity: 'INTERNAL' }];
const high: LabelRule[] = [{ path: '**', sensitivity: 'RESTRICTED' }];

async function put(node: SpaceNode, path: string, text: string | Uint8Array): Promise<void> {
  await mkdir(dirname(node.at(path)), { recursive: true });
  await writeFile(node.at(path), text);
}

/** Takes out of the state what the version before did not write. */
async function age({ own, state }: SpaceNode): Promise<void> {
  const keys = new SpaceKeys(own.space);
  const gone: Uint8Array[] = [keys.cursor('opened-tags')];
  for (const { origin } of await own.state.origins())
    for await (const { header } of own.state.segments(origin, 1))
      gone.push(...header.entries.map(({ tag }) => keys.opened(origin, tag)));
  for await (const [key] of state.db.entries(keys.allPushedTo())) gone.push(key);
  await state.db.write(gone.map((key) => ({ key })));
}

describe('an item from before labels could be raised', () => {
  it('is withdrawn before its reader signs, although the raised record comes first of all', async () => {
    const { a, c, author, sync, raise, reopened } = await cleared(cleanup, low);
    await put(a, 'phòng/tờ trình.txt', 'bản một');
    await sync(a);
    await age(c);
    const old = await reopened(c);
    const raised = await raise(high);
    await raised.settle();
    await raised.bring(old);
    await old.settle();
    expect(await old.receiptFor(author)).toBe(await raised.published());
    expect((await readdir(old.root)).filter((name) => name !== '.dongbo')).toEqual([]);
    await expect(readFile(old.at('phòng/tờ trình.txt'))).rejects.toThrow('ENOENT');
  });

  it('leaves the relay that had been brought its chunks', async () => {
    const { a, sync, raise, relay: opened } = await cleared(cleanup, low);
    const relay = await opened();
    await put(a, 'tờ trình.bin', randomBytes(5000));
    await sync(a);
    await relay.take(a);
    const [sealed = new Uint8Array()] = await relay.sealed(a, await chunksOf(a, 'tờ trình.bin'));
    expect(await relay.holds(sealed)).toBe(true);
    await age(a);
    const raised = await raise(high);
    await raised.settle();
    await relay.take(raised);
    expect(await relay.holds(sealed)).toBe(false);
  });
});
