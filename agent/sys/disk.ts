/**
 * The file system, from outside. Paths are absolute strings. Every method throws `NodeJS.ErrnoException` as
 * node:fs does; callers decide what an errno means. No method follows a symbolic link in the last component.
 */
export type EntryKind = 'file' | 'dir' | 'link' | 'socket' | 'fifo' | 'device';

export interface DiskStat {
  readonly kind: EntryKind;
  /** Permission bits and special bits, 0o0000–0o7777. */
  readonly mode: number;
  readonly size: number;
  /** Times are signed 64 bits: one before 1677 or after 2262 is the nearest of them. */
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly dev: bigint;
  readonly nlink: number;
}

/** A directory entry. `name` is undefined when the bytes on disk are not valid UTF-8; `raw` always holds them. */
export interface DirEntry {
  readonly name: string | undefined;
  readonly raw: Uint8Array;
}

export interface DiskFile extends AsyncDisposable {
  /** Reads up to `into.length` bytes at `position`; returns the count, 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Writes all of `from` at `position`. */
  write(from: Uint8Array, position: number): Promise<void>;
  /** Writes all of `pieces`, one behind the other, from `position` on. */
  writeAll(pieces: readonly Uint8Array[], position: number): Promise<void>;
  stat(): Promise<DiskStat>;
  truncate(size: number): Promise<void>;
  /** fdatasync. A failure must fail the item; it is never retried as success. */
  sync(): Promise<void>;
}

export interface FileFacts {
  /** Permission bits, exactly. */
  readonly mode: number;
  readonly mtimeNs: bigint;
}

export interface Disk {
  lstat(path: string): Promise<DiskStat>;
  /** Entries of a directory, sorted by raw bytes, without `.` and `..`. */
  list(path: string): Promise<DirEntry[]>;
  readlink(path: string): Promise<string | undefined>;
  /** Opens an existing regular file for reading, never through a link in the last component (O_NOFOLLOW). */
  openRead(path: string): Promise<DiskFile>;
  /** Opens for reading and writing, creating with mode 0600 when absent; never through a link. */
  openWrite(path: string): Promise<DiskFile>;
  /** A small file, new or in place of what a regular file held: its bytes, its mode, its time. Not durable yet. */
  writeWhole(path: string, pieces: readonly Uint8Array[], facts: FileFacts): Promise<void>;
  mkdir(path: string, mode: number): Promise<void>;
  rmdir(path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  symlink(target: string, path: string): Promise<void>;
  /**
   * Whether a program has the regular file open for writing; undefined where the system does not tell: the file is
   * another user's, or the file system has no leases.
   */
  isOpenForWriting(path: string): Promise<boolean | undefined>;
  /** Atomic replacement of `to`. */
  rename(from: string, to: string): Promise<void>;
  /** As rename, but EEXIST when `to` exists (renameat2 RENAME_NOREPLACE). */
  renameNew(from: string, to: string): Promise<void>;
  /**
   * Swaps two items in one step (renameat2 RENAME_EXCHANGE). ENOENT when one is missing; EINVAL or ENOSYS where the
   * file system cannot, and then nothing has changed.
   */
  exchange(a: string, b: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  /** Sets the modification time with nanoseconds, of a link itself when it is one. */
  setMtime(path: string, mtimeNs: bigint): Promise<void>;
  /** fsync of a directory. */
  syncDir(path: string): Promise<void>;
  /**
   * syncfs of the file system that holds the directory `path`: makes a whole batch durable at once. Each path hears of
   * every failed write-back since its own call before, once; call it once before the first write that it is to prove.
   */
  syncFs(path: string): Promise<void>;
  /**
   * The same disk as far as it lies beneath `root`: paths are still absolute, and whatever leads out of the root, by a
   * link or a mount, at whatever moment it is put there, is ELOOP, ENOTDIR or EXDEV. For all that is done in a folder
   * that others may write to.
   */
  within(root: string): Disk;
  /** Bytes free for this user on the file system that holds `path`. */
  free(path: string): Promise<number>;
}
