/** Opens what lies beneath a directory, through no link and into no mount, however the path changes meanwhile. */
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { errnoCode, systemError } from './errno.ts';
import { native } from './native.ts';
import { quickCall } from './quick-call.ts';

const { errno } = os.constants;
const O_PATH = 0o10000000;
const stepFlags = O_PATH | constants.O_NOFOLLOW | constants.O_DIRECTORY;

/** Kernels before 5.6, and sandboxes that do not know the call. */
let oneStep = true;

/**
 * The descriptor of `inside`, a path beneath the directory `fd`; `flags` are of open(2). Throws ELOOP where a link is in
 * the way, EXDEV where something is mounted, and ENOTDIR, ENOENT as open(2); `path` is named in errors.
 */
export async function openBeneath(fd: number, inside: string, flags: number, path: string): Promise<number> {
  if (oneStep) {
    const calls = await native();
    try {
      return await quickCall(
        () => calls.openBeneathNow(fd, inside, flags, path),
        () => calls.openBeneath(fd, inside, flags, path),
      );
    } catch (error) {
      const unknown = ['ENOSYS', 'EPERM'].includes(errnoCode(error) ?? '');
      if (!unknown) throw error;
    }
    oneStep = false;
  }
  return openInSteps(fd, inside, flags, path);
}

/** The same, directory by directory: each is opened at the descriptor of the one above it, and is no mount. */
export function openInSteps(fd: number, inside: string, flags: number, path: string): number {
  const names = inside.split('/');
  if (names.includes('..')) throw systemError(errno.EXDEV, 'open', path);
  const mount = mountOf(fd, path);
  let at = fd;
  try {
    for (const [i, name] of names.entries()) {
      const below = openSync(`/proc/self/fd/${at}/${name}`, i < names.length - 1 ? stepFlags : flags);
      if (at !== fd) closeSync(at);
      at = below;
      if (mountOf(at, path) !== mount) throw systemError(errno.EXDEV, 'open', path);
    }
    return at;
  } catch (error) {
    if (at !== fd) closeSync(at);
    throw asOne(error, path);
  }
}

/** A link where a directory must be is ENOTDIR here, and ELOOP in one step; callers take both for a refusal. */
function asOne(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || errnoCode(error) === undefined) return error;
  return Object.assign(error, { path });
}

function mountOf(fd: number, path: string): string {
  try {
    return /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '';
  } catch {
    throw systemError(errno.ENOTSUP, 'open (needs /proc)', path);
  }
}
