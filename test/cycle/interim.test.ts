/** A node that is killed while it fills a directory, and starts again: what it looks at first is no edit of its own. */
import { DongboError } from '#agent/core/errors.ts';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { type DiskCall, diskWith } from '#test/apply/disk-with-faults.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { agree } from './node.ts';
import { SpaceNode } from './space-node.ts';

class Killed extends DongboError {
  constructor() {
    super('STATE_WRITE_FAILED');
  }
}

/** A disk that is dead from the first call on that `when` names. */
function dying(when: (call: DiskCall, path: string, before: readonly string[]) => boolean) {
  const calls: string[] = [];
  let dead = false;
  return diskWith((call, path) => {
    dead ||= when(call, path, calls);
    if (dead) throw new Killed();
    calls.push(`${call} ${path.split('/').at(-1)}`);
  });
}

it.each([
  [
    'the row is written, and not yet the mode',
    dying((call, path) => call === 'chmod' && path.endsWith('/d')),
  ],
  ['the directory is made, and not yet its row', dying((_call, _path, before) => before.includes('mkdir d'))],
])(
  'a directory is never published with the mode it was filled under: killed when %s',
  async (_when, disk) => {
    const { parties, agreement } = await agree(
      ['H29.12', 'publish', 'subscribe'],
      ['H29.13', 'publish', 'subscribe'],
    );
    const [one, two] = parties;
    if (!two) throw new Error('no reader');
    await using dirA = await temporaryDir();
    await using dirB = await temporaryDir();
    await using a = await SpaceNode.open({ me: one, agreement, dir: dirA.path });
    await mkdir(a.at('d'));
    await writeFile(a.at('d/f'), 'một');
    await chmod(a.at('d'), 0o555);
    await a.settle();
    const common = { me: two, agreement, dir: dirB.path, secrets: new MemorySecrets(), sources: () => [a] };
    {
      await using b = await SpaceNode.open({ ...common, disk: dying(() => false) });
      await b.settle();
    }
    {
      await using b = await SpaceNode.open({ ...common, disk });
      await a.bring(b);
      await expect(b.settle()).rejects.toThrow(Killed);
      expect((await stat(b.at('d'))).mode & 0o777).toBe(0o755);
    }
    await using b = await SpaceNode.open(common);
    await b.settle();
    expect([(await stat(b.at('d'))).mode & 0o777, await b.published()]).toEqual([0o555, 0]);
    expect(await b.problems()).toEqual({});
  },
);
