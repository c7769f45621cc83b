/** Label files: rules of one folder, read before anything else in it. */
import { readFile, rm, stat, symlink, utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { LabelMemory } from '#agent/core/label-memory.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { parseLabelText } from '#agent/store/label-file.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { file, labelled, long, never, secret } from './labelled-folder.ts';

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
    ['- { path: a, sensitivity: INTERNAL, x: 1 }', '[0]', 'known-key', 'R04'],
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

  it('of the root that cannot be used hides everything, and is read again', async () => {
    await using at = await labelled();
    await at.put('x.txt');
    await at.put(file, '- no');
    expect(await at.names('')).toEqual([]);
    expect(at.folder.store.excludes('', 'dir')).toBe(false);
    await at.put(file, '[]');
    expect(await at.names('')).toEqual(['x.txt']);
  });

  it('is forgotten with its folder', async () => {
    await using at = await labelled();
    await at.put(`a/b/${file}`, '- { path: x.txt, sensitivity: RESTRICTED }');
    await at.names('a/b');
    await rm(at.folder.at('a'), { recursive: true });
    await at.names('');
    at.moved.ms += 5000;
    await at.names('');
    expect(at.labels.files?.any).toBe(false);
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
    await at.put(`a/${file}`, '[]');
    await at.names('a');
    expect(at.classOf('a/x.txt')).toBe('RESTRICTED');
    at.moved.ms += 5000;
    await at.names('a');
    expect(at.classOf('a/x.txt')).toBeUndefined();
  });

  it('that is found as an earlier run has read it is no change', async () => {
    await using at = await labelled();
    await at.put(`a/${file}`, '- { path: x.txt, sensitivity: RESTRICTED }');
    await at.names('a');
    const { memory } = at.labels;
    const clock = { ...systemClock, now: () => Date.now() + 3_600_000 };
    const labels = new LabelRules([], memory);
    await using store = await at.folder.reopen({ labels, clock });
    let told = 0;
    labels.onChange(() => {
      told += 1;
    });
    expect(memory.texts.all.get('a')).toHaveLength(1);
    await store.list('', never);
    expect((await store.list('a', never)).problems).toEqual([]);
    expect([told, labels.of('a/x.txt', 'file').rules.length]).toEqual([0, 1]);
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

it('the example in the documentation is a label file', async () => {
  const [, text] =
    /```yaml\n# \.dongbo-labels\.yaml\n(.*?)```/s.exec(await readFile('docs/configuration.md', 'utf8')) ?? [];
  expect(parseLabelText(text ?? '- no')).toHaveProperty('rules');
});
