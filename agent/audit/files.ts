/** The files of the log, `<month>.<first sequence>.jsonl`, and how they are read. */
import { join } from 'node:path';
import type { Disk } from '#agent/sys/disk.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { maxLineBytes } from './record.ts';

export interface AuditFile {
  readonly name: string;
  /** `2026-07`, UTC. */
  readonly month: string;
  readonly first: number;
  readonly size: number;
}

const form = /^(\d{4}-\d{2})\.(\d{12})\.jsonl$/;

export const fileName = (month: string, first: number): string =>
  `${month}.${String(first).padStart(12, '0')}.jsonl`;

/** In the order in which they were written; none when there is no directory yet. */
export async function listFiles(disk: Disk, dir: string): Promise<AuditFile[]> {
  const files: AuditFile[] = [];
  for (const { name } of await disk.list(dir).catch(noneWhenAbsent)) {
    const [, month, first] = form.exec(name ?? '') ?? [];
    if (name === undefined || month === undefined) continue;
    const { size } = await disk.lstat(join(dir, name));
    files.push({ name, month, first: Number(first), size });
  }
  return files.sort((a, b) => a.first - b.first);
}

function noneWhenAbsent(error: unknown): [] {
  if (errnoCode(error) === 'ENOENT') return [];
  throw error;
}

export interface Line {
  readonly bytes: Uint8Array;
  /** False for what stands after the last end of a line, or is too long for a record. */
  readonly whole: boolean;
  /** Offset after it. */
  readonly end: number;
}

const pieceBytes = 64 * 1024;
const lineEnd = 0x0a;

/** From the byte `start` on, which must be the first of a line. */
export async function* linesOf(disk: Disk, path: string, start = 0): AsyncGenerator<Line> {
  await using file = await disk.openRead(path);
  const piece = Buffer.alloc(pieceBytes);
  let rest = Buffer.alloc(0);
  let end = start;
  for (let at = start; ; ) {
    const got = await file.read(piece, at);
    if (got === 0) break;
    at += got;
    rest = Buffer.concat([rest, piece.subarray(0, got)]);
    let from = 0;
    for (let to = rest.indexOf(lineEnd); to >= 0; to = rest.indexOf(lineEnd, from)) {
      end += to + 1 - from;
      yield { bytes: rest.subarray(from, to), whole: to - from <= maxLineBytes, end };
      from = to + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > maxLineBytes) break;
  }
  if (rest.length > 0) yield { bytes: rest, whole: false, end: end + rest.length };
}
