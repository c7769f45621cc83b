/**
 * Where the log ends: found again at each start and after each failed write. What lies beyond the signed head was
 * never acknowledged to anybody and is cut off; a log that does not reach its head, or goes far beyond it, is damaged.
 */
import { join } from 'node:path';
import type { AuditHead } from '#agent/core/audit-head.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { Digest, NodeId } from '#agent/core/ids.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { type AuditFile, linesOf, listFiles } from './files.ts';
import { headName, readHead, type Verify } from './head-file.ts';
import { microsOf } from './micros.ts';
import { noHash, parseLine } from './record.ts';

export interface TipParts {
  readonly dir: string;
  readonly disk: Disk;
  readonly node: NodeId;
  readonly verify: Verify;
}

export interface Tip {
  readonly seq: number;
  readonly hash: Digest;
  /** Microseconds of the last record. */
  readonly micros: number;
  /** The file that is written to; `size` is what is acknowledged of it. */
  readonly file: AuditFile | undefined;
  /** Of all files. */
  readonly bytes: number;
  /** Lines beyond the head that were cut off. */
  readonly dropped: number;
}

/** Records that are made durable together; no crash leaves more than these beyond the head. */
export const groupRecords = 256;

const damaged = (file: string, seq: number) =>
  new DongboError('AUDIT_DAMAGED', { log: file, seq }, { retry: 'after-change' });

/** Throws AUDIT_DAMAGED with file and sequence, and what the disk throws. */
export async function loadTip(parts: TipParts): Promise<Tip> {
  const { disk, dir } = parts;
  const head = await readHead(disk, dir, parts);
  if (head === 'invalid') throw damaged(headName, 0);
  const files = await listFiles(disk, dir);
  const signed = head === 'absent' ? 0 : head.seq;
  const dropped = await dropUnsigned(parts, files, signed);
  if (head === 'absent') {
    const left = files[0];
    if (left) throw damaged(headName, left.first);
    return { seq: 0, hash: noHash, micros: 0, file: undefined, bytes: 0, dropped };
  }
  const last = files.at(-1);
  if (!last) throw damaged(headName, signed);
  const found = await readTo(parts, last, head);
  if (found.size < last.size) await cut(parts, last.name, found.size);
  const before = files.slice(0, -1).reduce((sum, { size }) => sum + size, 0);
  const file = { ...last, size: found.size };
  const micros = microsOf(head.time) ?? 0;
  const end = { seq: head.seq, hash: head.hash, micros };
  return { ...end, file, bytes: before + found.size, dropped: dropped + found.beyond };
}

/** A file begun just before the crash, with nothing of it signed yet. */
async function dropUnsigned({ disk, dir }: TipParts, files: AuditFile[], signed: number): Promise<number> {
  const last = files.at(-1);
  if (!last || last.first !== signed + 1) return 0;
  let lines = 0;
  for await (const _ of linesOf(disk, join(dir, last.name))) {
    lines += 1;
    if (lines > groupRecords) throw damaged(last.name, last.first);
  }
  await disk.unlink(join(dir, last.name));
  await disk.syncDir(dir);
  files.pop();
  return lines;
}

/** Reads a file up to the record of the head; counts what stands beyond. */
async function readTo(
  { disk, dir }: TipParts,
  { name, first }: AuditFile,
  head: AuditHead,
): Promise<{ readonly size: number; readonly beyond: number }> {
  let seq = first - 1;
  let prev: Digest | undefined;
  let size: number | undefined;
  let beyond = 0;
  for await (const { bytes, whole, end } of linesOf(disk, join(dir, name))) {
    if (size !== undefined) {
      beyond += 1;
      if (beyond > groupRecords) throw damaged(name, head.seq + 1);
      continue;
    }
    const record = whole ? parseLine(bytes) : undefined;
    seq += 1;
    if (!record || record.seq !== seq || (prev !== undefined && record.prev !== prev))
      throw damaged(name, seq);
    prev = record.hash;
    if (seq === head.seq) size = end;
  }
  if (size === undefined || seq !== head.seq || prev !== head.hash) throw damaged(name, Math.max(seq, first));
  return { size, beyond };
}

async function cut({ disk, dir }: TipParts, name: string, size: number): Promise<void> {
  await using file = await disk.openWrite(join(dir, name));
  await file.truncate(size);
  await file.sync();
}
