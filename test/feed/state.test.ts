import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseNodeId } from '#agent/core/ids.ts';
import { State } from '#agent/feed/state.ts';
import { readBootId } from '#agent/sys/boot-id.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { fileRow, node, space } from './fixtures.ts';

describe('the state directory', () => {
  it('is made private and keeps secrets, facts and rows over a restart', async () => {
    await using dir = await temporaryDir();
    const at = join(dir.path, 'new', 'state');
    {
      await using state = await State.open(at, { node });
      await state.secrets.put('epoch/1', Uint8Array.of(1, 2));
      await state.putMeta('incarnation', 'đời 1');
      const batch = state.space(space).batch();
      batch.putRow('a', fileRow('a', 10));
      await batch.commit();
      expect(state.space(space)).toBe(state.space(space));
    }
    expect((await stat(join(at, 'db'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(at, 'state.json'))).mode & 0o777).toBe(0o600);
    await using state = await State.open(at, { node });
    expect(await state.secrets.get('epoch/1')).toEqual(Uint8Array.of(1, 2));
    expect(await state.secrets.get('epoch/2')).toBeUndefined();
    expect(await state.getMeta('incarnation')).toBe('đời 1');
    expect(await state.getMeta('nothing')).toBeUndefined();
    expect(await state.space(space).row('a')).toEqual(fileRow('a', 10));
    expect(state.space(space).counts()).toMatchObject({ items: 1, bytes: 10 });
  });

  it('of another node is refused and left alone', async () => {
    await using dir = await temporaryDir();
    await (await State.open(dir.path, { node }))[Symbol.asyncDispose]();
    const before = await readFile(join(dir.path, 'state.json'));
    const other = parseNodeId('bb'.repeat(32));
    await expect(State.open(dir.path, { node: other })).rejects.toMatchObject({
      code: 'STATE_FOREIGN',
      details: { owner: node, node: other },
    });
    expect(await readFile(join(dir.path, 'state.json'))).toEqual(before);
  });

  it('of a later version is refused', async () => {
    await using dir = await temporaryDir();
    await (await State.open(dir.path, { node }))[Symbol.asyncDispose]();
    await writeFile(join(dir.path, 'state.json'), JSON.stringify({ format: 4, anything: true }));
    await expect(State.open(dir.path, { node })).rejects.toMatchObject({
      code: 'STATE_NEWER',
      details: { format: 4, known: 3 },
    });
  });

  it.each([1, 2])('of version %s is opened, and from then on refused by that version', async (before) => {
    await using dir = await temporaryDir();
    const file = join(dir.path, 'state.json');
    await (await State.open(dir.path, { node }))[Symbol.asyncDispose]();
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), format: before }));
    await using _state = await State.open(dir.path, { node });
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ format: 3 });
  });

  it('in use by another is refused', async () => {
    await using dir = await temporaryDir();
    await using _state = await State.open(dir.path, { node });
    await expect(State.open(dir.path, { node })).rejects.toMatchObject({ code: 'STATE_BUSY' });
  });

  it('is made afresh when its making was cut off, and only then', async () => {
    await using dir = await temporaryDir();
    await (await State.open(dir.path, { node }))[Symbol.asyncDispose]();
    const file = join(dir.path, 'state.json');
    const json = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...json, database: { is: 'making' } }));
    await rm(join(dir.path, 'db', 'CURRENT'));
    await using state = await State.open(dir.path, { node });
    expect(await state.getMeta('x')).toBeUndefined();
  });

  it('that cannot be read says so', async () => {
    await using dir = await temporaryDir();
    await mkdir(join(dir.path, 'state.json'));
    await expect(State.open(dir.path, { node })).rejects.toMatchObject({ code: 'STATE_UNREADABLE' });
  });

  it('says damaged when its own file makes no sense', async () => {
    await using dir = await temporaryDir();
    for (const text of ['', '{', '{}', '{"format":1}', '[]', '{"format":"1"}']) {
      await writeFile(join(dir.path, 'state.json'), text);
      await expect(State.open(dir.path, { node })).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    }
    await rm(join(dir.path, 'state.json'));
    await mkdir(join(dir.path, 'db'));
    await writeFile(join(dir.path, 'db', 'CURRENT'), 'MANIFEST-000001\n');
    await expect(State.open(dir.path, { node })).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
  });
});

describe('the last stop of a state', () => {
  const opened = (dir: string, boot: string | undefined) =>
    State.open(dir, { node, bootId: async () => boot });

  /** Opens under `boot` and ends as a kill would; returns what the state said of power cuts. */
  async function killedUnder(dir: string, boot: string | undefined): Promise<string | undefined> {
    const state = await opened(dir, boot);
    const left = await readFile(join(dir, 'state.json'));
    const { powerCut } = state;
    await state[Symbol.asyncDispose]();
    await writeFile(join(dir, 'state.json'), left);
    return powerCut;
  }

  async function stoppedUnder(dir: string, boot: string | undefined): Promise<string | undefined> {
    await using state = await opened(dir, boot);
    return state.powerCut;
  }

  it('was a power cut when it was not clean and the machine has booted since', async () => {
    await using dir = await temporaryDir();
    expect(await killedUnder(dir.path, 'A')).toBeUndefined();
    expect(await killedUnder(dir.path, 'A')).toBeUndefined();
    expect(await killedUnder(dir.path, 'B')).toBe('B');
    // Known for as long as somebody may still have to look.
    expect(await killedUnder(dir.path, 'B')).toBe('B');
    expect(await stoppedUnder(dir.path, 'C')).toBe('C');
    expect(await stoppedUnder(dir.path, 'D')).toBe('C');
  });

  it('was none when it was clean, whatever the machine did since', async () => {
    await using dir = await temporaryDir();
    expect(await stoppedUnder(dir.path, 'A')).toBeUndefined();
    expect(await stoppedUnder(dir.path, 'B')).toBeUndefined();
  });

  it('is taken for a power cut when it was not clean and nobody can tell', async () => {
    await using dir = await temporaryDir();
    expect(await killedUnder(dir.path, undefined)).toBeUndefined();
    expect(await killedUnder(dir.path, undefined)).toBeDefined();
  });

  it('is told by the boot id of the kernel', async () => {
    expect(await readBootId()).toMatch(/^[0-9a-f-]{36}$/);
  });
});
