/** After the machine went down: a file found shorter than it was shared is not published before somebody says so. */

import { appendFile, mkdir, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Births } from '#agent/apply/delete-window.ts';
import type { Agreement } from '#agent/core/agreement.ts';
import type { Emit } from '#agent/core/event.ts';
import type { Row } from '#agent/core/item.ts';
import { LabelMemory } from '#agent/core/label-memory.ts';
import { HeldFiles } from '#agent/cycle/held-files.ts';
import { Kin, type KinParts } from '#agent/cycle/kin.ts';
import { LabelGate } from '#agent/cycle/label-gate.ts';
import { Observer } from '#agent/cycle/observer.ts';
import { PutOff } from '#agent/cycle/put-off.ts';
import { Publisher } from '#agent/cycle/publisher.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { FolderStore } from '#agent/store/folder.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { type Fault, faultyDisk } from '#test/store/faulty-disk.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { SetClock } from '#test/trust/parties.ts';
import { agree, TestNode } from './node.ts';

const code = 'STORE_AFTER_POWER_CUT';
const signal = new AbortController().signal;

const oneLabel = (agreement: Agreement) =>
  new LabelGate({
    ownClassOf: async () => undefined,
    rules: new LabelRules([]),
    agreement: () => agreement,
    classOf: async () => undefined,
    rowOf: async () => undefined,
    isOwn: () => true,
  });

const noKin = (state: KinParts['state']) =>
  new Kin({
    state,
    decisions: LabelMemory.blank().decisions,
    any: () => false,
    classOf: async () => undefined,
    isOwn: () => true,
  });

/** A publisher's space that holds `dài.txt` of 100 bytes, looked at and published. */
async function shared() {
  const owned = new AsyncDisposableStack();
  const { parties, agreement } = await agree(['H29.12', 'publish', 'subscribe'], ['H29.13', 'subscribe']);
  const [identity] = parties;
  const { own } = owned.use(await TestNode.open(identity, agreement));
  const { space, state, origin } = own;
  const root = join(owned.use(await temporaryDir()).path, 'folder');
  await mkdir(root);
  const problems: string[] = [];
  const faults: Fault[] = [];
  const emit: Emit = (event) => {
    if (event.type === 'problem') problems.push(`${event.problem.code} ${event.problem.path}`);
  };
  const parts = { space, emit, state, clock: systemClock };
  const labels = oneLabel(agreement);
  const of = { root, space, node: identity.node, clock: systemClock, exclude: [], own: [], emit };
  const store = owned.use(await FolderStore.open({ ...of, ...faultyDisk(faults) }));
  await store.adopt();
  const keyring = new Keyring({
    identity,
    store: new MemorySecrets(),
    random: systemRandom,
    clock: new SetClock(),
    suiteOf: () => 'nacl-pq',
  });
  const meta = new Map<string, string>();
  let powerCut: string | undefined;
  let held: HeldFiles;
  let observer: Observer;
  /** A new process; with `cut`, on a machine that went down. */
  const restart = (cut?: string) => {
    powerCut = cut ?? powerCut;
    const node = {
      powerCut,
      getMeta: async (name: string) => meta.get(name),
      putMeta: async (name: string, value: string) => void meta.set(name, value),
    };
    held = new HeldFiles({ space, node, state, store, emit });
    const problem = async (p: { code: string; path: string }) => void problems.push(`${p.code} ${p.path}`);
    const [births, putOff] = [new Births(systemClock), new PutOff(systemClock)];
    observer = new Observer({
      ...parts,
      ...{ store, labels, kin: noKin(state), held, births, problem, putOff },
    });
  };
  restart();
  const look = async (under?: readonly string[]) => {
    const publisher = new Publisher(
      {
        ...{ space, origin, state, keyring, identity, clock: systemClock, emit },
        alive: () => true,
        durable: async () => undefined,
        moved: () => undefined,
      },
      agreement,
    );
    await observer.look(under, publisher, { released: false, signal });
    return publisher.published;
  };
  const at = (path: string) => join(root, path);
  await writeFile(at('dài.txt'), 'x'.repeat(100));
  expect(await look()).toBe(1);
  return {
    ...{ at, look, restart, problems, faults, state },
    release: () => held.release(),
    row: async (path = 'dài.txt'): Promise<Row> => (await state.row(path)) ?? {},
    noted: async (path = 'dài.txt') => state.problem(path),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe('after a power cut', () => {
  it.each([0, 60])('a file of 100 bytes that holds %i is held, over looks and restarts', async (size) => {
    await using s = await shared();
    const before = await s.row();
    await truncate(s.at('dài.txt'), size);
    await writeFile(s.at('khác.txt'), 'the rest of the space goes on');
    s.restart('cut 1');
    expect(await s.look()).toBe(1);
    expect(await s.noted()).toMatchObject({ code, details: { size, known: 100 } });
    expect(await s.row()).toMatchObject({
      local: { state: before.local?.state },
      agreed: before.agreed ?? {},
    });
    expect(await s.look()).toBe(0);
    expect(await s.look([''])).toBe(0);
    s.restart();
    expect(await s.look()).toBe(0);
    s.restart('cut 2');
    expect(await s.look()).toBe(0);
    expect(await s.noted()).toMatchObject({ code });
    // Told once, not at every look.
    expect(s.problems).toEqual([`${code} dài.txt`]);
  });

  it.each([
    ['touched', (path: string) => utimes(path, new Date(), new Date())],
    ['written again', (path: string) => appendFile(path, 'chữ')],
    ['written to its length', (path: string) => writeFile(path, 'y'.repeat(100))],
  ])('a file that is held and then %s is an edit', async (_how, act) => {
    await using s = await shared();
    await truncate(s.at('dài.txt'), 10);
    s.restart('cut');
    expect(await s.look()).toBe(0);
    await act(s.at('dài.txt'));
    expect(await s.look([''])).toBe(1);
    expect(await s.noted()).toBeUndefined();
    expect((await s.row()).local?.held).toBeUndefined();
  });

  it('a file that is held and then deleted is a delete', async () => {
    await using s = await shared();
    await truncate(s.at('dài.txt'), 10);
    s.restart('cut');
    await s.look();
    await unlink(s.at('dài.txt'));
    // A part of the tree alone does not tell whether it was moved.
    expect(await s.look([''])).toBe(0);
    expect(await s.look()).toBe(1);
    expect(await s.row()).toMatchObject({ agreed: { state: { kind: 'gone' } } });
  });

  it('a person may release what is held', async () => {
    await using s = await shared();
    await truncate(s.at('dài.txt'), 0);
    s.restart('cut');
    await s.look();
    expect(await s.release()).toBe(1);
    expect(await s.noted()).toBeUndefined();
    expect(await s.look()).toBe(1);
    expect(await s.row()).toMatchObject({ agreed: { state: { kind: 'file', size: 0 } } });
    expect(await s.release()).toBe(0);
  });

  it('the index keeps the inode of what is held: after a mount it may have another', async () => {
    await using s = await shared();
    await truncate(s.at('dài.txt'), 0);
    s.restart('cut');
    await s.look();
    const row = await s.row();
    const local = row.local ?? expect.unreachable();
    const held = { ...(local.held ?? expect.unreachable()), ino: 1n };
    const batch = s.state.batch();
    batch.putRow('dài.txt', { ...row, local: { ...local, held } });
    await batch.commit();
    expect(await s.look()).toBe(0);
    expect((await s.row()).local?.held).toEqual(local.held);
  });

  it('an edit is one that is made after the first look at the whole tree, or that makes the file longer', async () => {
    await using s = await shared();
    s.restart('cut');
    await appendFile(s.at('dài.txt'), 'dài hơn');
    expect(await s.look()).toBe(1);
    await truncate(s.at('dài.txt'), 50);
    expect(await s.look()).toBe(1);
    expect(s.problems).toEqual([]);
  });

  it('a file that holds what has arrived is not held: the index was not told in time', async () => {
    await using s = await shared();
    const row = await s.row();
    const remote = row.remote ?? expect.unreachable();
    await writeFile(s.at('dài.txt'), 'mới');
    s.restart('cut');
    // As a newer record of another would be, by its content.
    await using other = await shared();
    await writeFile(other.at('dài.txt'), 'mới');
    await other.look();
    const { state, content } = (await other.row()).remote ?? expect.unreachable();
    const batch = s.state.batch();
    batch.putRow('dài.txt', { ...row, remote: { ...remote, state, ...(content && { content }) } });
    await batch.commit();
    await s.look();
    expect(await s.noted()).toBeUndefined();
    expect(await s.row()).toMatchObject({
      local: { state: { size: state.kind === 'file' ? state.size : 0 } },
    });
  });

  it('a file that cannot be read yet is held, not believed once it can be', async () => {
    await using s = await shared();
    await truncate(s.at('dài.txt'), 5);
    s.faults.push({ call: 'openRead', path: 'dài.txt', errno: 'EIO' });
    s.restart('cut');
    await s.look();
    s.faults.pop();
    expect(await s.look()).toBe(0);
    expect(await s.noted()).toMatchObject({ code });
  });
});

it('without a power cut a shorter file is an edit', async () => {
  await using s = await shared();
  await truncate(s.at('dài.txt'), 0);
  s.restart();
  expect(await s.look()).toBe(1);
  expect(s.problems).toEqual([]);
});
