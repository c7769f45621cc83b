import { describe, expect, it } from 'vitest';
import { State } from '#agent/feed/state.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { collect, fileRow, node, space } from './fixtures.ts';
import { entriesOf, writeOneOfEverything } from './layout.ts';

describe('forgetting a space', () => {
  it('leaves nothing of it, and what belongs to the node stays', async () => {
    await using dir = await temporaryDir();
    await using state = await State.open(dir.path, { node });
    await writeOneOfEverything(state);
    const index = state.space(space);
    await index.forget();
    const left = (await entriesOf(state)).filter(([key]) => key.slice(2).startsWith(space));
    expect(left).toEqual([]);
    expect(index.counts()).toEqual({ items: 0, files: 0, bytes: 0, pending: 0, problems: 0 });
    expect(await index.origins()).toEqual([]);
    expect(await state.secrets.get('epoch/1')).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('leaves a space that can be used', async () => {
    await using dir = await temporaryDir();
    await using state = await State.open(dir.path, { node });
    await writeOneOfEverything(state);
    const index = state.space(space);
    await index.forget();
    const batch = index.batch();
    batch.putRow('a', fileRow('a', 5));
    await batch.commit();
    await index.verify();
    expect((await collect(index.children(''))).map(([name]) => name)).toEqual(['a']);
  });
});
