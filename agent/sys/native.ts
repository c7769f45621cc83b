/**
 * The few calls of the C library that Node does not offer. Loaded at the first use, so that commands which need none
 * of them start without it. Signatures as in the Linux manual pages of section 2; 64-bit Linux only.
 */
import { constants } from 'node:os';
import type { KoffiFunc, LibraryHandle } from 'koffi';
import { DongboError } from '#agent/core/errors.ts';
import { systemError } from './errno.ts';

export interface Native {
  /** utimensat(2): nanoseconds, a link itself when `path` is one; the access time stays. */
  setMtime(path: string, mtimeNs: bigint): void;
  /** fchmodat(2), never through a link (ENOTSUP on one). */
  chmod(path: string, mode: number): void;
  /** renameat2(2): EEXIST rather than replace, or both at once. EINVAL where the file system cannot. */
  renameNow(from: string, to: string, how: keyof typeof renameFlags): void;
  /** The same off the event loop. */
  rename(from: string, to: string, how: keyof typeof renameFlags): Promise<void>;
  /** openat2(2): beneath the directory `fd`, through no link, into no mount. `path` is named in errors. */
  openBeneathNow(fd: number, inside: string, flags: number, path: string): number;
  /** The same off the event loop. */
  openBeneath(fd: number, inside: string, flags: number, path: string): Promise<number>;
  /** syncfs(2), off the event loop: it may take seconds. */
  syncFs(fd: number, path: string): Promise<void>;
  /**
   * Whether any program has the file open for writing, or mapped: fcntl(2) gives no lease for reading then. `fd` is open
   * for reading only. Throws EACCES where the file is another user's, EINVAL where the file system has no leases.
   */
  isOpenForWriting(fd: number, path: string): boolean;
  /** flock(2), exclusive, at once: false when another open file holds it. */
  tryLock(fd: number, path: string): boolean;
  /** One datagram to a Unix socket; a leading `@` is the abstract name space. */
  sendDatagram(address: string, payload: Uint8Array): Promise<void>;
}

type Numeric = (...args: (number | string | NodeJS.ArrayBufferView)[]) => number;
type Call = KoffiFunc<Numeric>;

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
/** RENAME_NOREPLACE, RENAME_EXCHANGE. */
const renameFlags = { noReplace: 1, exchange: 2 };
/** The same number on every architecture. */
const SYS_openat2 = 437;
/** RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH. */
const resolveBeneath = 0x01 | 0x02 | 0x04 | 0x08;
const O_CLOEXEC = 0o2000000;
const UTIME_OMIT = (1n << 30n) - 2n;
const F_SETSIG = 10;
const F_SETLEASE = 1024;
const F_RDLCK = 0;
const F_UNLCK = 2;
/** Ignored unless somebody asks for it; the signal that leases send by themselves would end the process. */
const SIGURG = 23;
const LOCK_EX_NB = 2 | 4;
const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const sunPathBytes = 108;
const second = 1_000_000_000n;

let loaded: Promise<Native> | undefined;

/** Throws NATIVE_UNAVAILABLE when the binding does not fit this machine. */
export function native(): Promise<Native> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Native> {
  try {
    const { default: koffi } = await import('koffi');
    return bind(koffi.load(null), () => koffi.errno());
  } catch (cause) {
    throw new DongboError('NATIVE_UNAVAILABLE', { reason: String(cause) }, { cause });
  }
}

function bind(libc: LibraryHandle, errno: () => number): Native {
  const call = (definition: string) => libc.func(definition) as Call;
  const calls = {
    utimensat: call('int utimensat(int dir, const char *path, const void *times, int flags)'),
    fchmodat: call('int fchmodat(int dir, const char *path, unsigned int mode, int flags)'),
    renameat2: call('int renameat2(int d1, const char *from, int d2, const char *to, unsigned int flags)'),
    openat2: call('long syscall(long number, int dir, const char *path, const void *how, size_t size)'),
    syncfs: call('int syncfs(int fd)'),
    fcntl: call('int fcntl(int fd, int command, long argument)'),
    flock: call('int flock(int fd, int operation)'),
    socket: call('int socket(int domain, int type, int protocol)'),
    sendto: call(
      'long sendto(int s, const void *b, size_t n, int flags, const void *to, unsigned int toLen)',
    ),
    close: call('int close(int fd)'),
  };
  return {
    ...fileCalls(calls.utimensat, calls.fchmodat, calls.flock, errno),
    ...renameCalls(calls.renameat2, errno),
    ...openCalls(calls.openat2, errno),
    ...leaseCalls(calls.fcntl, errno),
    syncFs: async (fd, path) => {
      await later(calls.syncfs, [fd], () => systemError(errno(), 'syncfs', path));
    },
    sendDatagram: (address, payload) => sendDatagram(calls, errno, address, payload),
  };
}

function renameCalls(renameat2: Call, errno: () => number): Pick<Native, 'rename' | 'renameNow'> {
  const failure = (from: string, to: string) => systemError(errno(), 'renameat2', from, to);
  return {
    renameNow(from, to, how) {
      const rc = renameat2(AT_FDCWD, checked(from), AT_FDCWD, checked(to), renameFlags[how]);
      if (rc !== 0) throw failure(from, to);
    },
    rename: async (from, to, how) => {
      const args = [AT_FDCWD, checked(from), AT_FDCWD, checked(to), renameFlags[how]];
      await later(renameat2, args, () => failure(from, to));
    },
  };
}

function leaseCalls(fcntl: Call, errno: () => number): Pick<Native, 'isOpenForWriting'> {
  const must = (rc: number, path: string): void => {
    if (rc !== 0) throw systemError(errno(), 'fcntl', path);
  };
  return {
    isOpenForWriting(fd, path) {
      must(fcntl(fd, F_SETSIG, SIGURG), path);
      if (fcntl(fd, F_SETLEASE, F_RDLCK) !== 0) {
        if (errno() === constants.errno.EAGAIN) return true;
        throw systemError(errno(), 'fcntl', path);
      }
      must(fcntl(fd, F_SETLEASE, F_UNLCK), path);
      return false;
    },
  };
}

/** The C library has no name for openat2(2). */
function openCalls(openat2: Call, errno: () => number): Pick<Native, 'openBeneath' | 'openBeneathNow'> {
  const args = (fd: number, inside: string, flags: number) => {
    const how = new BigUint64Array([BigInt(flags | O_CLOEXEC), 0n, BigInt(resolveBeneath)]);
    return [SYS_openat2, fd, checked(inside), how, how.byteLength] as const;
  };
  const failure = (path: string) => systemError(errno(), 'openat2', path);
  return {
    openBeneathNow(fd, inside, flags, path) {
      const opened = openat2(...args(fd, inside, flags));
      if (opened < 0) throw failure(path);
      return opened;
    },
    openBeneath: (fd, inside, flags, path) => later(openat2, args(fd, inside, flags), () => failure(path)),
  };
}

function fileCalls(
  utimensat: Call,
  fchmodat: Call,
  flock: Call,
  errno: () => number,
): Pick<Native, 'setMtime' | 'chmod' | 'tryLock'> {
  return {
    setMtime(path, mtimeNs) {
      const rc = utimensat(AT_FDCWD, checked(path), timespecs(mtimeNs), AT_SYMLINK_NOFOLLOW);
      if (rc !== 0) throw systemError(errno(), 'utimensat', path);
    },
    chmod(path, mode) {
      const rc = fchmodat(AT_FDCWD, checked(path), mode, AT_SYMLINK_NOFOLLOW);
      if (rc !== 0) throw systemError(errno(), 'fchmodat', path);
    },
    tryLock(fd, path) {
      if (flock(fd, LOCK_EX_NB) === 0) return true;
      if (errno() === constants.errno.EWOULDBLOCK) return false;
      throw systemError(errno(), 'flock', path);
    },
  };
}

/** A C string ends at NUL: what follows would be cut off silently. */
function checked(path: string): string {
  if (path.includes('\0')) throw systemError(constants.errno.EINVAL, 'path', path.replaceAll('\0', '\\0'));
  return path;
}

/** struct timespec[2]: access time omitted, modification time floored to whole seconds plus nanoseconds. */
function timespecs(mtimeNs: bigint): BigInt64Array {
  const nanos = ((mtimeNs % second) + second) % second;
  return new BigInt64Array([0n, UTIME_OMIT, (mtimeNs - nanos) / second, nanos]);
}

/** Runs on a worker thread; errno is the worker's, restored for the callback, so `failure` must run inside it. */
function later(call: Call, args: Readonly<Parameters<Numeric>>, failure: () => Error): Promise<number> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error: unknown, rc: number) => {
      if (error) reject(error);
      else if (rc < 0) reject(failure());
      else resolve(rc);
    });
  });
}

async function sendDatagram(
  calls: { readonly socket: Call; readonly sendto: Call; readonly close: Call },
  errno: () => number,
  address: string,
  payload: Uint8Array,
): Promise<void> {
  const to = unixAddress(address);
  const fd = calls.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) throw systemError(errno(), 'socket', address);
  try {
    const args = [fd, payload, payload.length, MSG_NOSIGNAL, to, to.length];
    await later(calls.sendto, args, () => systemError(errno(), 'sendto', address));
  } finally {
    calls.close(fd);
  }
}

/** struct sockaddr_un; an abstract name starts with NUL and is as long as the address says. */
function unixAddress(address: string): Uint8Array {
  const abstract = address.startsWith('@');
  const name = Buffer.from(abstract ? `\0${address.slice(1)}` : `${checked(address)}\0`);
  if (name.length > sunPathBytes) throw systemError(constants.errno.ENAMETOOLONG, 'sendto', address);
  return Buffer.concat([new Uint8Array(new Uint16Array([AF_UNIX]).buffer), name]);
}
