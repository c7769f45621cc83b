/** What a failed system call means for an item. */
import { asFault, DongboError, isOwnFault } from '#agent/core/errors.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { problem, type Setback } from './task.ts';

const codes: Readonly<Record<string, string>> = {
  EACCES: 'WRITE_DENIED',
  EPERM: 'WRITE_DENIED',
  EROFS: 'WRITE_DENIED',
  ENAMETOOLONG: 'NAME_NOT_POSSIBLE',
  EILSEQ: 'NAME_NOT_POSSIBLE',
  EINVAL: 'NAME_NOT_POSSIBLE',
  EXDEV: 'OTHER_FILE_SYSTEM',
  ELOOP: 'PATH_ESCAPES',
};

const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(errnoCode(error) ?? '');

/**
 * The setback of one item. Throws DISK_FULL, which ends the run: nothing else would fit either, and what is on the
 * disk stays whole [5]. A fault of our own ends the item that met it. Other errors that no system call made are thrown on.
 */
export function setbackOf(error: unknown): Setback {
  if (isFull(error)) throw new DongboError('DISK_FULL', {}, { retry: 'later', cause: error });
  if (error instanceof DongboError && error.code === 'FSYNC_FAILED')
    return problem(error.code, error.details);
  if (isOwnFault(error)) return faultOf(error);
  const errno = errnoCode(error);
  if (errno === undefined || error instanceof DongboError || errno === 'ABORT_ERR') throw error;
  const code = codes[errno] ?? 'WRITE_FAILED';
  return problem(code, code === 'PATH_ESCAPES' ? { rule: 'through a link' } : { errno });
}

/** Data of a publisher may have led to a fault of our own: it is this item's problem, and nobody else's. */
export function faultOf(error: unknown): Setback {
  const { code, details } = asFault(error);
  return problem(code, details);
}

/** Runs an fsync. A failure is final for what it was to make durable: the kernel may have dropped the pages [2]. */
export async function durably(sync: () => Promise<void>): Promise<void> {
  try {
    await sync();
  } catch (error) {
    if (isFull(error)) throw error;
    const errno = errnoCode(error);
    if (errno === undefined) throw error;
    throw new DongboError('FSYNC_FAILED', { errno }, { cause: error });
  }
}
