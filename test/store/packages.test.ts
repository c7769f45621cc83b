/** Packages: the whole has the highest label of its parts. */
import { rm, utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { labelClass } from '#agent/core/label.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import type { LabelRules } from '#agent/store/label-rules.ts';
import { measurePackage } from '#agent/store/packages.ts';
import { lstatAll } from '#agent/sys/lstat-all.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { file, labelled, long, never } from './labelled-folder.ts';

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
    const parts = {
      labels,
      lstatAll,
      disk: nodeDisk,
      root: folder.root,
      ignores: () => false,
      hides: () => false,
      limit: 4,
    };
    const measured = await measurePackage({ ...parts, enter: async () => true }, 'a', never);
    expect(measured).toMatchObject({ code: 'LABEL_PACKAGE_REFUSED', path: 'a', details: { limit: 4 } });
    expect(labels.isUnknown('a/1')).toBe(true);
  });
});
