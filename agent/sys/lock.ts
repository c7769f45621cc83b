/** One daemon per state directory. */
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DongboError } from '#agent/core/errors.ts';
import { native } from './native.ts';

const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Holds `<dir>/lock` until disposed. The kernel lets go when the process ends, however it ends; the file stays, since
 * removing it would let two processes lock two files of one name. Throws STATE_LOCKED with the holder's `pid`.
 */
export async function lockState(dir: string): Promise<AsyncDisposable> {
  const { tryLock } = await native();
  const path = join(dir, 'lock');
  // A plain descriptor: a FileHandle would close, and unlock, when it is collected.
  const fd = openSync(path, flags, 0o600);
  try {
    if (!tryLock(fd, path)) throw new DongboError('STATE_LOCKED', { dir, pid: holderOf(path) });
    ftruncateSync(fd, 0);
    writeSync(fd, `${process.pid}\n`, 0);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return { [Symbol.asyncDispose]: async () => closeSync(fd) };
}

/** The holder writes its number just after it has the lock, so the file may still be empty. */
function holderOf(path: string): string {
  const text = readFileSync(path, 'utf8').trim();
  return /^\d{1,10}$/.test(text) ? text : '?';
}
