/**
 * A file of rules that keeps something back and is gone: by an accident, while an editor saves it, by a crash that left it
 * empty. What it kept back stays so, over restarts, and is told; only a file that says otherwise ends it.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { ignoreFile, labelFile } from '#agent/store/ignore.ts';
import { type Clock, systemClock } from '#agent/sys/clock.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { startMs } from '#test/trust/parties.ts';
import { agree } from './node.ts';
import { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of cleanup.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function publisher(labels: readonly LabelRule[] = []) {
  const { parties, agreement } = await agree(['H29.12', 'publish', 'subscribe'], ['H29.13', 'subscribe']);
  const dir = await temporaryDir();
  cleanup.push(dir);
  const root = join(dir.path, 'folder');
  await mkdir(join(root, 'hồ sơ'), { recursive: true });
  const start = () =>
    SpaceNode.open({ me: parties[0], agreement, dir: dir.path, labels, secrets: 'in-state', clock });
  return { start, at: (path: string) => join(root, path) };
}

const time = { ahead: 0 };
const clock: Clock = {
  ...systemClock,
  now: () => startMs + time.ahead + Math.floor(performance.now()),
  monotonic: () => performance.now() + time.ahead,
};

/** Past the time that an editor is given, with looks on both sides of it. */
async function looks(node: SpaceNode): Promise<void> {
  for (let i = 0; i < 3; i += 1) {
    await node.settle();
    time.ahead += 3_000;
  }
  await node.settle();
}

const classOf = async (node: SpaceNode, path: string): Promise<string | undefined> => {
  const { remote } = (await node.own.state.row(path)) ?? {};
  return remote && (await node.keyring.keysFor(node.own.space, remote.author, remote.epoch))?.labelClass;
};

describe('.dongboignore', { timeout: 60_000 }, () => {
  const isGone = { [ignoreFile]: 'IGNORE_FILE_GONE' };

  it.each([
    ['is deleted', (file: string) => rm(file)],
    ['is emptied', (file: string) => writeFile(file, '')],
  ])('that %s keeps back what it kept back, over restarts, until one says otherwise', async (_, lose) => {
    const { start, at } = await publisher();
    await writeFile(at(ignoreFile), '*.kín\n');
    await writeFile(at('lương.kín'), 'kín');
    await writeFile(at('a.txt'), 'a');
    {
      await using node = await start();
      await node.settle();
      expect([await classOf(node, 'a.txt'), await classOf(node, 'lương.kín')]).toEqual([
        'INTERNAL',
        undefined,
      ]);
      await lose(at(ignoreFile));
      await looks(node);
      expect(await node.problems()).toEqual(isGone);
      expect(await node.own.state.row('lương.kín')).toBeUndefined();
    }
    {
      await using node = await start();
      await looks(node);
      expect([await node.problems(), await node.own.state.row('lương.kín')]).toEqual([isGone, undefined]);
      await writeFile(at(ignoreFile), '*.kín\n# lại\n');
      await looks(node);
      expect([await node.problems(), await node.own.state.row('lương.kín')]).toEqual([{}, undefined]);
      await writeFile(at(ignoreFile), '# none\n');
      await looks(node);
      expect([await node.problems(), await classOf(node, 'lương.kín')]).toEqual([{}, 'INTERNAL']);
    }
  });

  it('that is changed while the node is off holds beside what it said, until it is settled', async () => {
    const { start, at } = await publisher();
    await writeFile(at(ignoreFile), '*.kín\n');
    {
      await using node = await start();
      await node.settle();
    }
    await writeFile(at(ignoreFile), '*.mới\n');
    for (const name of ['x.kín', 'x.mới', 'x.txt']) await writeFile(at(name), name);
    await using node = await start();
    await node.settle();
    expect(await Promise.all(['x.kín', 'x.mới', 'x.txt'].map((name) => classOf(node, name)))).toEqual([
      undefined,
      undefined,
      'INTERNAL',
    ]);
    await looks(node);
    expect([await classOf(node, 'x.kín'), await classOf(node, 'x.mới')]).toEqual(['INTERNAL', undefined]);
  });

  it('that an editor saves by another name tells of nothing', async () => {
    const { start, at } = await publisher();
    await writeFile(at(ignoreFile), '*.kín\n');
    await writeFile(at('lương.kín'), 'kín');
    await using node = await start();
    await node.settle();
    await rm(at(ignoreFile));
    await node.settle();
    await writeFile(at('.dongboignore.tmp'), '*.kín\n*.tmp\n');
    await rename(at('.dongboignore.tmp'), at(ignoreFile));
    await looks(node);
    expect(await node.problems()).toEqual({});
    expect(node.events.filter(({ type }) => type === 'problem')).toEqual([]);
    expect(await node.own.state.row('lương.kín')).toBeUndefined();
  });
});

describe('a label file', { timeout: 60_000 }, () => {
  const rules: LabelRule[] = [{ path: '**', sensitivity: 'PUBLIC' }];
  const file = `hồ sơ/${labelFile}`;
  const isGone = { [file]: 'LABEL_FILE_GONE' };

  it.each([
    ['is deleted', (path: string) => rm(path)],
    ['is emptied', (path: string) => writeFile(path, '')],
  ])(
    'that %s gives its labels to what comes later too, over restarts, until one says otherwise',
    async (_, lose) => {
      const { start, at } = await publisher(rules);
      await writeFile(
        at(file),
        '- { path: "*.docx", sensitivity: INTERNAL }\n- { path: /dự/, personalData: BASIC }\n',
      );
      {
        await using node = await start();
        await looks(node);
        await lose(at(file));
        await looks(node);
        await writeFile(at('hồ sơ/1.docx'), '1');
        await looks(node);
        expect([await node.problems(), await classOf(node, 'hồ sơ/1.docx')]).toEqual([isGone, 'INTERNAL']);
      }
      {
        await using node = await start();
        await writeFile(at('hồ sơ/2.docx'), '2');
        await looks(node);
        expect([await node.problems(), await classOf(node, 'hồ sơ/2.docx')]).toEqual([isGone, 'INTERNAL']);
        await writeFile(at(file), '[]\n');
        await looks(node);
        await writeFile(at('hồ sơ/3.docx'), '3');
        await looks(node);
        expect([await node.problems(), await classOf(node, 'hồ sơ/3.docx')]).toEqual([{}, 'PUBLIC']);
      }
    },
  );

  it('goes with its folder', async () => {
    const { start, at } = await publisher(rules);
    await writeFile(at(file), '- { path: "*.docx", sensitivity: INTERNAL }\n');
    await using node = await start();
    await looks(node);
    await rm(at('hồ sơ'), { recursive: true });
    await looks(node);
    await mkdir(at('hồ sơ'));
    await writeFile(at('hồ sơ/1.docx'), '1');
    await looks(node);
    expect([await node.problems(), await classOf(node, 'hồ sơ/1.docx')]).toEqual([{}, 'PUBLIC']);
  });
});
