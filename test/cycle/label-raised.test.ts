/** What a higher label means for work that was begun under the one before. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { Publisher } from '#agent/cycle/publisher.ts';
import { LabelGate } from '#agent/cycle/label-gate.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { draft, makeParties, SetClock } from '#test/trust/parties.ts';
import { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

const low: readonly LabelRule[] = [{ path: '**', sensitivity: 'INTERNAL' }];
const raised: readonly LabelRule[] = [{ path: 'a.txt', sensitivity: 'RESTRICTED' }, ...low];
const above: readonly LabelRule[] = [{ path: 'a.txt', sensitivity: 'CONFIDENTIAL' }, ...low];

/** Two members that both publish, cleared for RESTRICTED, and one that reads INTERNAL only. */
async function pair() {
  const [a, b, c] = await makeParties('H29.12', 'H29.13', 'H29.14');
  const members = [
    [a, 'publish', 'subscribe'],
    [b, 'publish', 'subscribe'],
    [c, 'subscribe'],
  ] as const;
  const plain = draft(members, {
    label: { sensitivity: 'RESTRICTED', secrecy: 'NONE', personalData: 'NONE' },
  });
  const levels = ['RESTRICTED', 'RESTRICTED', 'INTERNAL'];
  const cleared = plain.members.map((m, i) => ({ ...m, highestLabel: levels[i] ?? '' }));
  const agreement = await signAgreement({ ...plain, members: cleared }, a);
  const nodes: SpaceNode[] = [];
  const [dirA, dirB] = [await temporaryDir(), await temporaryDir()];
  cleanup.push(dirA, dirB);
  const secrets = { a: new MemorySecrets(), b: new MemorySecrets() };
  const open = async (who: 'a' | 'b', labels: readonly LabelRule[]) => {
    const [me, at, dir] = who === 'a' ? [a, 0, dirA] : [b, 1, dirB];
    const more = { labels, secrets: secrets[who], sources: () => nodes };
    const node = await SpaceNode.open({ me, agreement, dir: dir.path, ...more });
    cleanup.push(node);
    nodes[at] = node;
    return node;
  };
  return { open, agreement, b };
}

const shared = async (from: SpaceNode, to: SpaceNode) => {
  await from.settle();
  await from.bring(to);
  await to.settle();
};

it('an item that rules took out of the space and that was edited here keeps no receipt from its author', async () => {
  const { open } = await pair();
  const a = await open('a', low);
  const first = await open('b', low);
  await writeFile(a.at('a.txt'), 'một');
  await shared(a, first);
  await first[Symbol.asyncDispose]();
  const b = await open('b', above);
  await writeFile(b.at('a.txt'), 'của B, trên mức');
  await b.settle();
  expect(await b.problems()).toEqual({ 'a.txt': 'LABEL_ABOVE_AGREEMENT' });
  await writeFile(a.at('a.txt'), 'hai');
  await writeFile(a.at('b.txt'), 'khác');
  await shared(a, b);
  expect(await b.receiptFor(a.own.origin.node)).toBe(await a.published());
  expect([await readFile(b.at('a.txt'), 'utf8'), await readFile(b.at('b.txt'), 'utf8')]).toEqual([
    'của B, trên mức',
    'khác',
  ]);
  expect(await b.problems()).toEqual({ 'a.txt': 'LABEL_ABOVE_AGREEMENT' });
  expect(await b.published()).toBe(0);
  // When the rules allow it again, it is an edit beside that of the other, and goes out.
  await b[Symbol.asyncDispose]();
  const again = await open('b', low);
  await again.settle();
  const names = (await readdir(again.root)).filter((name) => name !== '.dongbo');
  const texts = await Promise.all(names.map((name) => readFile(again.at(name), 'utf8')));
  expect(texts).toContain('của B, trên mức');
  expect(await again.published()).toBeGreaterThan(0);
});

it("what was read before another member's higher label came does not go out under the lower class", async () => {
  const { open, agreement, b: identity } = await pair();
  const a = await open('a', raised);
  const b = await open('b', low);
  const { space, state, origin } = b.own;
  const rules = new LabelRules(low);
  const classOf = async (author: typeof origin, epoch: number) =>
    (await b.keyring.keysFor(space, author, epoch))?.labelClass;
  const gate = new LabelGate({
    rules,
    agreement: () => agreement,
    classOf,
    rowOf: (path) => state.row(path),
    isOwn: ({ node }) => node === origin.node,
    ownClassOf: async () => undefined,
  });
  const again: string[] = [];
  const publisher = new Publisher(
    {
      ...{ space, origin, state, keyring: b.keyring, identity, clock: new SetClock() },
      alive: () => true,
      emit: () => undefined,
      durable: async () => undefined,
      moved: () => undefined,
      fits: gate.fits.bind(gate),
      again: (path) => void again.push(path),
    },
    agreement,
  );
  const dir = { kind: 'dir', mode: 0o755 } as const;
  const edit = (path: string) => {
    const change = { path, state: dir, version: [['01'.repeat(8) as never, 1]] } as const;
    return publisher.add({ path, local: { state: dir }, change, labelClass: 'INTERNAL', contentBytes: 0 });
  };
  await edit('a.txt');
  await edit('b.txt');
  await writeFile(a.at('a.txt'), 'mức cao');
  await a.settle();
  await a.bring(b);
  await publisher.flush();
  expect(again).toEqual(['a.txt']);
  expect((await state.row('a.txt'))?.local).toBeUndefined();
  expect((await state.row('b.txt'))?.agreed?.author).toEqual(origin);
  // The grant, and what may go out.
  expect(await b.published()).toBe(2);
});
