/** Tells what the disk said from what we say ourselves: both carry a `code`. */
import { DongboError } from '#agent/core/errors.ts';
import { errnoCode } from '#agent/sys/errno.ts';

/** The code of a failed system call; undefined for our own errors, an abort, and anything else. */
export function diskErrno(error: unknown): string | undefined {
  if (error instanceof DongboError) return undefined;
  const code = errnoCode(error);
  return code?.startsWith('E') && !code.startsWith('ERR_') ? code : undefined;
}
