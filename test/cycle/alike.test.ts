/** Files that hold the same and come at about the same time go out under the highest class of theirs. */
import { appendFile, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Row } from '#agent/core/item.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { Alike } from '#agent/cycle/alike.ts';
import { sha256 } from '#agent/seal/verify.ts';
import { nodeNamed, originOf } from '#test/exchange/sample-feed.ts';
import { cleared } from './cleared.ts';
import type { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

const rules: LabelRule[] = [
  { path: '**', sensitivity: 'INTERNAL' },
  { path: '/kín/', sensitivity: 'RESTRICTED' },
];

async function put(node: SpaceNode, path: string, text: string): Promise<void> {
  await mkdir(dirname(node.at(path)), { recursive: true });
  await writeFile(node.at(path), text);
}

async function classOf(node: SpaceNode, path: string): Promise<string | undefined> {
  const { remote } = (await node.own.state.row(path)) ?? {};
  return remote && (await node.keyring.keysFor(node.own.space, remote.author, remote.epoch))?.labelClass;
}

const files = async (node: SpaceNode): Promise<string[]> =>
  (await readdir(node.root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('.dongbo'))
    .map(({ name }) => name)
    .sort();

/** A published file in a restricted folder, edited, and then copied before anybody has looked. */
async function editedAndCopied(to: string) {
  const three = await cleared(cleanup, rules);
  const { a, sync } = three;
  await put(a, 'kín/một.txt', 'bản cũ');
  await put(a, 'khác.txt', 'khác');
  await sync(a);
  await appendFile(a.at('kín/một.txt'), ', bản mới');
  await mkdir(dirname(a.at(to)), { recursive: true });
  await copyFile(a.at('kín/một.txt'), a.at(to));
  return three;
}

/** How many records it has published. */
const written = async ({ own }: SpaceNode): Promise<number> =>
  (await own.state.position(own.origin))?.seq ?? 0;

it.each(['aa.txt', 'zz.txt'])('an edit and its copy in one look, from the first moment: %s', async (to) => {
  const { a, c, sync } = await editedAndCopied(to);
  const before = await written(a);
  await sync(a);
  await sync(a);
  expect([await classOf(a, 'kín/một.txt'), await classOf(a, to)]).toEqual(['RESTRICTED', 'RESTRICTED']);
  // One each: none that was taken back.
  expect(await written(a)).toBe(before + 2);
  expect(await files(c)).toEqual(['khác.txt']);
});

it.each(['aa.txt', 'zz.txt'])('also when the node was stopped meanwhile: %s', async (to) => {
  const { c, sync, raise } = await editedAndCopied(to);
  const again = await raise(rules);
  await sync(again);
  await sync(again);
  expect(await classOf(again, to)).toBe('RESTRICTED');
  expect(await files(c)).toEqual(['khác.txt']);
});

it.each(['aa.txt', 'zz.txt'])(
  'also where more lies between them than one segment takes: %s is taken back',
  async (to) => {
    const { a, c, sync } = await editedAndCopied(to);
    for (let i = 0; i < 600; i += 1) await put(a, `giữa/${to[0] === 'a' ? 'b' : 'y'}${i}.txt`, `${i}`);
    await sync(a);
    await sync(a);
    expect([await classOf(a, 'kín/một.txt'), await classOf(a, to)]).toEqual(['RESTRICTED', 'RESTRICTED']);
    expect((await files(c)).filter((name) => !/^[by]\d/.test(name))).toEqual(['khác.txt']);
  },
);

it('also where one look finds the copy, and the next one the edit', async () => {
  const { a, c, sync } = await editedAndCopied('chung/aa.txt');
  const edited = await readFile(a.at('kín/một.txt'));
  await writeFile(a.at('kín/một.txt'), 'bản cũ');
  await sync(a);
  await writeFile(a.at('kín/một.txt'), edited);
  await sync(a);
  await sync(a);
  expect(await classOf(a, 'chung/aa.txt')).toBe('RESTRICTED');
  expect(await files(c)).toEqual(['khác.txt']);
});

describe('what is judged anew', () => {
  const origin = originOf(nodeNamed('me'));
  const digest = sha256(Buffer.from('mẫu'));
  const state = { kind: 'file', mode: 0o644, mtimeNs: 1n, size: 3, sha256: digest } as const;
  const going = (path: string, labelClass: string) => ({ change: { path, state, version: [] }, labelClass });

  /** Its feed as it grows; the epoch stands for the class. */
  function world() {
    const at = { ms: 0, seq: 0 };
    const rows = new Map<string, Row>();
    const classes = ['INTERNAL', 'RESTRICTED'];
    const index = {
      pathsOf: async () => [...rows.keys()],
      rows: async (paths: readonly string[]) => paths.map((path) => rows.get(path)),
    };
    const classOf = async (_author: unknown, epoch: number) => classes[epoch];
    const alike = new Alike({ state: index, classOf, clock: { monotonic: () => at.ms } });
    const publish = async (path: string, labelClass: string) => {
      at.seq += 1;
      const record = { author: origin, seq: at.seq, epoch: classes.indexOf(labelClass), state, version: [] };
      rows.set(path, { remote: { ...record, seen: [] } });
      return [...(await alike.wentLower([going(path, labelClass)], { origin, first: at.seq }))];
    };
    return { at, alike, publish };
  }

  it('is what went out lower a moment before; not what stood there long before', async () => {
    const soon = world();
    expect(await soon.publish('chép.txt', 'INTERNAL')).toEqual([]);
    expect(await soon.publish('kín/một.txt', 'RESTRICTED')).toEqual(['chép.txt']);
    const late = world();
    expect(await late.publish('mẫu.txt', 'INTERNAL')).toEqual([]);
    late.at.ms = 61_000;
    expect(await late.publish('kín/mẫu.txt', 'RESTRICTED')).toEqual([]);
  });

  it('is so once: what then goes out lower all the same was decided to', async () => {
    const { alike, publish } = world();
    await publish('chép.txt', 'INTERNAL');
    await publish('kín/một.txt', 'RESTRICTED');
    expect(alike.isDue('chép.txt')).toBe(true);
    expect(await publish('chép.txt', 'INTERNAL')).toEqual([]);
    expect(alike.isDue('chép.txt')).toBe(false);
  });
});
