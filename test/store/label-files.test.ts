/** Label files: rules of one folder, read before anything else in it. */
import { mkdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { labelClass } from '#agent/core/label.ts';
import { LabelMemory } from '#agent/core/label-memory.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { parseLabelText } from '#agent/store/label-file.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import { measurePackage } from '#agent/store/packages.ts';
import { type Clock, systemClock } from '#agent/sys/clock.ts';
import { lstatAll } from '#agent/sys/lstat-all.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { openFolder } from './folder-under-test.ts';

const never = new AbortController().signal;
const long = new Date('2001-01-01T00:00:00Z');
const secret = 'secrecy: MAT, decidedBy: Ông A, decisionRef: 12/QĐ';

/** A clock whose time the test moves on. */
function movedClock() {
  const moved = { ms: 0 };
  const clock: Clock = { ...systemClock, monotonic: () => moved.ms };
  return { moved, clock };
}

async function labelled(configured: readonly LabelRule[] = [], memory = LabelMemory.blank()) {
  const { moved, clock } = movedClock();
  const labels = new LabelRules(configured, memory);
  const folder = await openFolder({ labels, clock });
  const put = async (path: string, text = 'x') => {
    await mkdir(folder.at(path.slice(0, Math.max(path.lastIndexOf('/'), 0))), { recursive: true });
    await writeFile(folder.at(path), text);
  };
  const names = async (dir: string) => (await folder.store.list(dir, never)).entries.map(({ path }) => path);
  const classOf = (path: string) => {
    const { label } = labels.of(path, 'file');
    return label && labelClass(label);
  };
  return {
    folder,
    labels,
    moved,
    put,
    names,
    classOf,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const file = '.dongbo-labels.yaml';

describe('a label file', () => {
  it('gives labels to what lies beneath its folder, and to nothing else', async () => {
    await using at = await labelled([{ path: '**', sensitivity: 'PUBLIC' }]);
    await at.put(
      `a/${file}`,
      '- { path: /x.txt, sensitivity: RESTRICTED }\n- { path: "*.xlsx", personalData: BASIC }',
    );
    for (const path of ['x.txt', 'a/x.txt', 'a/b/x.txt', 'a/b/y.xlsx']) await at.put(path);
    for (const dir of ['', 'a', 'a/b']) await at.names(dir);
    expect(['x.txt', 'a/x.txt', 'a/b/x.txt', 'a/b/y.xlsx'].map(at.classOf)).toEqual([
      'PUBLIC',
      'RESTRICTED',
      'PUBLIC',
      'PUBLIC+PD:BASIC',
    ]);
    expect(at.labels.of('a/x.txt', 'file').rules).toContainEqual(
      expect.objectContaining({ path: '/x.txt', file: `a/${file}` }),
    );
  });

  it('hides what it makes a state secret: neither listed nor opened, in deeper folders too', async () => {
    await using at = await labelled();
    await at.put(file, `- { path: mật/, ${secret} }\n- { path: "*.tm", ${secret} }`);
    const secrets = ['a/mật/kế hoạch.txt', 'a/phương án.tm'];
    for (const path of [...secrets, 'a/thường.txt']) await at.put(path);
    for (const path of ['a/mật', ...secrets]) await utimes(at.folder.at(path), long, long);
    for (const path of secrets) expect(await at.folder.store.look(path)).toBeUndefined();
    // A hint may lead straight to a folder further down.
    expect(await at.names('a')).toEqual(['a/thường.txt']);
    for (const path of secrets) expect(await at.folder.store.look(path)).toBeUndefined();
    for (const path of secrets)
      await expect(at.folder.store.read(path, never)).rejects.toThrow('STORE_ITEM_GONE');
    for (const path of ['a/mật', ...secrets]) expect((await stat(at.folder.at(path))).atime).toEqual(long);
  });

  it('is not shared itself, nor taken from another member', async () => {
    await using at = await labelled();
    await at.put(`a/${file}`, '[]');
    await at.put('a/x');
    expect(await at.names('a')).toEqual(['a/x']);
    expect(at.folder.store.excludes(`b/${file}`, 'file')).toBe(true);
  });

  it.each([
    ['- { path: a, secrecy: MAT, decidedBy: Ông A }', '[0].decisionRef', 'secrecy-decided', 'R05'],
    ['- { path: a, sensitivity: LOW }', '[0].sensitivity', 'one-of', 'R04'],
    ['- { path: a }', '[0]', 'label-says-something', 'R04'],
    ['- { path: a, sensitivity: INTERNAL, x: 1 }', '[0].x', 'known-key', 'R04'],
    ['a: 1', '(file)', 'list', 'R04'],
    ['- {', '(file)', 'yaml', 'R04'],
  ])('with a fault names the field, the rule and its R-id: %s', (text, field, rule, requirement) => {
    expect(parseLabelText(text)).toMatchObject({ fault: { field, rule, requirement } });
  });

  it('that cannot be used hides everything beneath, with a problem of its own', async () => {
    await using at = await labelled([{ path: '**', sensitivity: 'PUBLIC' }]);
    await at.put('a/b/x.txt');
    await at.put('c.txt');
    await at.put(`a/${file}`, '- { path: a, secrecy: MAT }');
    expect(await at.names('')).toEqual(['a', 'c.txt']);
    for (const dir of ['a', 'a/b']) {
      const { entries, problems } = await at.folder.store.list(dir, never);
      expect(entries).toEqual([]);
      expect(problems).toMatchObject([
        { code: 'LABEL_FILE_BROKEN', path: `a/${file}`, details: { rule: 'secrecy-decided' } },
      ]);
    }
    expect(at.folder.store.excludes('a/b/x.txt', 'file')).toBe(true);
    await rm(at.folder.at(`a/${file}`));
    expect(await at.names('a')).toEqual(['a/b']);
    await symlink('elsewhere', at.folder.at(`a/${file}`));
    expect(await at.names('a')).toEqual([]);
  });

  it('is no longer than 64 KiB', async () => {
    await using at = await labelled();
    await at.put(`a/${file}`, `# ${'x'.repeat(65_536)}`);
    await at.put('a/x');
    expect(await at.names('a')).toEqual([]);
  });

  it('that is emptied or taken away holds for a while yet: an editor may be saving it', async () => {
    await using at = await labelled();
    await at.put(`a/${file}`, '- { path: x.txt, sensitivity: RESTRICTED }');
    await at.put('a/x.txt');
    await at.names('a');
    let told = 0;
    at.labels.onChange(() => {
      told += 1;
    });
    await at.put(`a/${file}`, '');
    await at.names('a');
    expect(at.classOf('a/x.txt')).toBe('RESTRICTED');
    expect(told).toBeGreaterThan(0);
    at.moved.ms += 5000;
    await at.names('a');
    expect(at.classOf('a/x.txt')).toBeUndefined();
  });

  it('that is raised counts at once', async () => {
    await using at = await labelled();
    await at.put(`a/${file}`, '- { path: x.txt, sensitivity: INTERNAL }');
    await at.put('a/x.txt');
    await at.names('a');
    await at.put(`a/${file}`, `- { path: x.txt, ${secret} }`);
    expect(await at.names('a')).toEqual([]);
  });
});

describe('a rule that made state secrets', () => {
  const memory = () => {
    const saved: { text?: string } = {};
    const open = () =>
      new LabelMemory({
        text: saved.text,
        key: Buffer.alloc(32, 7),
        save: async (text) => {
          saved.text = text;
        },
      });
    return { saved, open };
  };
  const decide = (path: string) =>
    ({ path, secrecy: 'NONE', decidedBy: 'Bà B', decisionRef: '34/QĐ' }) as const;
  const recorded = { at: 1, after: {} };

  it('stays in force when it is taken away, until a person decides otherwise', async () => {
    const { saved, open } = memory();
    await using at = await labelled([], open());
    await at.put(`a/${file}`, `- { path: giấu kín, ${secret} }`);
    await at.put('a/giấu kín');
    expect(await at.names('a')).toEqual([]);
    await rm(at.folder.at(`a/${file}`));
    at.moved.ms += 5000;
    await at.names('a');
    at.moved.ms += 5000;
    expect(await at.names('a')).toEqual([]);
    // Of another process too, and nothing of the pattern can be read there.
    expect(saved.text).not.toContain('giấu');
    const later = new LabelRules([], open());
    expect(later.isSecret('a/giấu kín', 'file')).toBe(true);
    await later.memory.decide(decide('a/giấu kín'), recorded, (placed) => later.stands(placed));
    later.settleSecrets();
    expect(later.isSecret('a/giấu kín', 'file')).toBe(false);
    expect(new LabelRules([], open()).isSecret('a/giấu kín', 'file')).toBe(false);
  });

  it('is not lifted by a decision while it stands', async () => {
    const { open } = memory();
    const rules: LabelRule[] = [{ path: '/mật/', secrecy: 'MAT', decidedBy: 'Ông A', decisionRef: '12/QĐ' }];
    const labels = new LabelRules(rules, open());
    await labels.keepSecrets();
    await labels.memory.decide(decide(''), recorded, (placed) => labels.stands(placed));
    labels.settleSecrets();
    expect(labels.isSecret('mật/x', 'file')).toBe(true);
    const without = new LabelRules([], open());
    expect(without.isSecret('mật/x', 'file')).toBe(true);
    await without.memory.decide(decide(''), recorded, (placed) => without.stands(placed));
    without.settleSecrets();
    expect(without.isSecret('mật/x', 'file')).toBe(false);
  });
});

it('what a label file hides is not counted for the watch either', async () => {
  await using at = await labelled();
  await at.put(`a/${file}`, `- { path: mật/, ${secret} }`);
  await at.put('a/mật/trong/x.txt');
  await at.put(`b/${file}`, '- { path: x, secrecy: MAT }');
  await at.put('b/trong/x.txt');
  const dirs = ['a/mật', 'a/mật/trong', 'b/trong'];
  for (const path of dirs) await utimes(at.folder.at(path), long, long);
  const stop = new AbortController();
  for await (const hint of at.folder.store.watch(stop.signal)) {
    expect(hint.kind).toBe('all');
    break;
  }
  stop.abort();
  for (const path of dirs) expect((await stat(at.folder.at(path))).atime).toEqual(long);
});

describe('a package', () => {
  const packed: readonly LabelRule[] = [
    { path: '**', sensitivity: 'INTERNAL' },
    { path: '/*/', package: true },
    { path: '*.xlsx', sensitivity: 'RESTRICTED' },
  ];
  const carried = (labels: LabelRules, path: string) => {
    const label = labels.packageLabel(path);
    return label && labelClass(label);
  };

  it('is looked through before anything of it is shown, by a hint further down too', async () => {
    await using at = await labelled(packed);
    await at.put('a/b/c/x.xlsx');
    await at.put('a/d/y.txt');
    await at.put('e/z.txt');
    await at.names('a/d');
    expect([carried(at.labels, 'a/d/y.txt'), carried(at.labels, 'e/z.txt')]).toEqual([
      'RESTRICTED',
      undefined,
    ]);
    let told = 0;
    at.labels.onChange(() => {
      told += 1;
    });
    await at.names('');
    expect(carried(at.labels, 'e/z.txt')).toBe('INTERNAL');
    expect(told).toBe(1);
    await at.names('');
    expect(told).toBe(1);
  });

  it('with a part that is a state secret is not shown, and nothing of it opened', async () => {
    await using at = await labelled([
      ...packed,
      { path: '*.mật', secrecy: 'MAT', decidedBy: 'A', decisionRef: '1' },
    ]);
    await at.put('a/b/x.mật');
    await at.put('a/y.txt');
    await at.put('e/z.txt');
    await utimes(at.folder.at('a/y.txt'), long, long);
    expect(await at.names('')).toEqual(['e']);
    expect(await at.names('a')).toEqual([]);
    await expect(at.folder.store.read('a/y.txt', never)).rejects.toThrow('STORE_ITEM_GONE');
    await rm(at.folder.at('a/b/x.mật'));
    expect(await at.names('')).toEqual(['e']);
  });

  it('is marked by a label file of its own folder', async () => {
    await using at = await labelled();
    await at.put(`a/b/${file}`, '- { path: ., package: true }\n- { path: x, sensitivity: RESTRICTED }');
    await at.put('a/b/x');
    await at.put('a/y');
    await at.names('a/b');
    expect(at.labels.packageOver('a/b/c/d', 'file')).toBe('a/b');
    expect(carried(at.labels, 'a/b/new')).toBe('RESTRICTED');
    expect(at.labels.packageOver('a/y', 'file')).toBeUndefined();
  });

  it('with a label file in it that cannot be used is withheld whole, with the problem, until it is mended', async () => {
    await using at = await labelled(packed);
    await at.put('a/x.txt');
    await at.put('b/y.txt');
    await at.put(`a/b/${file}`, '- { path: a, secrecy: MAT }');
    for (const _ of ['at first', 'again']) {
      const { entries, problems } = await at.folder.store.list('', never);
      expect(entries.map(({ path }) => path)).toEqual(['b']);
      expect(problems).toMatchObject([{ code: 'LABEL_FILE_BROKEN', path: `a/b/${file}` }]);
    }
    await at.put(`a/b/${file}`, '[]');
    expect(await at.names('')).toEqual(['a', 'b']);
  });

  it('of too many parts is withheld', async () => {
    await using at = await labelled(packed);
    for (const name of ['1', '2', 'b/3', 'b/4']) await at.put(`a/${name}`);
    const { labels, folder } = at;
    const parts = { labels, lstatAll, disk: nodeDisk, root: folder.root, ignores: () => false, limit: 4 };
    const measured = await measurePackage({ ...parts, enter: async () => true }, 'a', never);
    expect(measured).toMatchObject({ code: 'LABEL_PACKAGE_REFUSED', path: 'a', details: { limit: 4 } });
    expect(labels.isSecret('a/1', 'file')).toBe(true);
  });
});

it('the example in the documentation is a label file', async () => {
  const [, text] =
    /```yaml\n# \.dongbo-labels\.yaml\n(.*?)```/s.exec(await readFile('docs/configuration.md', 'utf8')) ?? [];
  expect(parseLabelText(text ?? '- no')).toHaveProperty('rules');
});
