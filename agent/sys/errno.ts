/** Errors of system calls that node:fs does not make, in the shape that node:fs gives them. */
import { getSystemErrorMap } from 'node:util';

/** `errno` is the positive number of errno(3). The result has `code` ('ENOENT', …), `errno`, `syscall`, `path`, `dest`. */
export function systemError(
  errno: number,
  syscall: string,
  path?: string,
  dest?: string,
): NodeJS.ErrnoException {
  const [code, text] = getSystemErrorMap().get(-errno) ?? [`E${errno}`, 'unknown error'];
  const where = [path, dest].filter((p) => p !== undefined).map((p) => `'${p}'`);
  const error = new Error(`${code}: ${text}, ${syscall} ${where.join(' -> ')}`.trimEnd());
  return Object.assign(error, {
    code,
    errno: -errno,
    syscall,
    ...(path !== undefined && { path }),
    ...(dest !== undefined && { dest }),
  });
}

/** The code of a failed system call ('ENOENT'), or undefined when the error is something else. */
export function errnoCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Not the owner, or nothing that this file system, or its server, can keep. */
const attributeRefusals = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL']);

/** Of a call that sets a mode or a time. */
export const isAttributeRefused = (error: unknown): boolean => attributeRefusals.has(errnoCode(error) ?? '');
