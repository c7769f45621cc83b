import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lockState } from '#agent/sys/lock.ts';
import { startChild } from './child.ts';
import { temporaryDir } from './temporary-dir.ts';

const locked = (pid: string) =>
  expect.objectContaining({ code: 'STATE_LOCKED', details: expect.objectContaining({ pid }) });

function startHolder(dir: string) {
  return startChild(`
    import { lockState } from '#agent/sys/lock.ts';
    const lock = await lockState(${JSON.stringify(dir)});
    console.log(process.pid);
    setInterval(() => lock, 1000);
  `);
}

it('keeps a second process out, names the first, and is free once that one is killed', async () => {
  await using dir = await temporaryDir();
  const holder = startHolder(dir.path);
  const pid = await holder.line();
  await expect(lockState(dir.path)).rejects.toEqual(locked(pid));
  await expect(lockState(dir.path)).rejects.toEqual(locked(pid));
  holder.kill('SIGKILL');
  expect(await holder.exit).toBe('SIGKILL');
  await using _lock = await lockState(dir.path);
  expect(await readFile(join(dir.path, 'lock'), 'utf8')).toBe(`${process.pid}\n`);
});

it('keeps the same process out twice, until disposed', async () => {
  await using dir = await temporaryDir();
  {
    await using _lock = await lockState(dir.path);
    await expect(lockState(dir.path)).rejects.toEqual(locked(String(process.pid)));
  }
  await using _again = await lockState(dir.path);
});

it('is not fooled by a stale file, and does not write through a link', async () => {
  await using dir = await temporaryDir();
  await writeFile(join(dir.path, 'lock'), '999999999999 with leftovers\n');
  {
    await using _lock = await lockState(dir.path);
    expect(await readFile(join(dir.path, 'lock'), 'utf8')).toBe(`${process.pid}\n`);
  }
  await using other = await temporaryDir();
  await symlink(join(dir.path, 'lock'), join(other.path, 'lock'));
  await expect(lockState(other.path)).rejects.toEqual(expect.objectContaining({ code: 'ELOOP' }));
});
