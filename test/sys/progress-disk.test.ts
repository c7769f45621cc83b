/** A disk that tells of its calls is a disk like any other, and tells of each. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { withProgress } from '#agent/sys/progress-disk.ts';
import { diskContract } from '#test/contract/disk.ts';
import { openNodeDisk } from './disk-under-test.ts';
import { temporaryDir } from './temporary-dir.ts';

diskContract('withProgress', () => openNodeDisk(withProgress(nodeDisk, () => undefined)));

it('tells of each call as it begins, within files too', async () => {
  await using dir = await temporaryDir();
  const path = join(dir.path, 'f');
  await writeFile(path, 'abc');
  let calls = 0;
  const disk = withProgress(nodeDisk, () => {
    calls += 1;
  });
  const found = disk.lstat(path);
  expect(calls).toBe(1);
  await found;
  await using file = await disk.openRead(path);
  for (const at of [0, 1, 2]) await file.read(new Uint8Array(1), at);
  expect(calls).toBe(5);
  await expect(disk.lstat(`${path}.none`)).rejects.toMatchObject({ code: 'ENOENT' });
  await disk.syncDir(dir.path);
  expect(calls).toBe(7);
});
