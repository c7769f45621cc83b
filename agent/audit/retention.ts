/** Retention: whole old files go, and each leaves a record with its last hash, so that the chain still verifies. */
import { join } from 'node:path';
import type { Details } from '#agent/core/errors.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { type AuditFile, linesOf, listFiles } from './files.ts';
import { monthNumber } from './micros.ts';
import { parseLine } from './record.ts';

export interface Retention {
  /** Whole months that a file is kept after the month that it is of. */
  readonly months: number;
  /** The record of one removal, durable on return. */
  readonly append: (fields: Details) => Promise<void>;
}

/** Removes the oldest first, one after the other, so that a crash leaves no hole; returns the bytes that were freed. */
export async function removeOld(
  { disk, dir }: { readonly disk: Disk; readonly dir: string },
  { months, append }: Retention,
): Promise<number> {
  const files = await listFiles(disk, dir);
  const limit = lastWholeMonth(files) - months;
  let freed = 0;
  for (const [i, file] of files.entries()) {
    const next = files[i + 1];
    if (!next || monthNumber(file.month) > limit) break;
    const lastHash = await prevOfFirst(disk, dir, next);
    if (lastHash === undefined) break;
    await append({ file: file.name, from: file.first, to: next.first - 1, lastHash });
    await disk.unlink(join(dir, file.name));
    await disk.syncDir(dir);
    freed += file.size;
  }
  return freed;
}

/** The month before the newest: a clock that jumped years ahead for a day must not empty the log. */
function lastWholeMonth(files: readonly AuditFile[]): number {
  const newest = files.at(-1)?.month;
  const before = files.findLast(({ month }) => month !== newest)?.month;
  return before === undefined ? 0 : monthNumber(before);
}

async function prevOfFirst(disk: Disk, dir: string, { name }: AuditFile): Promise<string | undefined> {
  for await (const { bytes, whole } of linesOf(disk, join(dir, name)))
    return whole ? parseLine(bytes)?.prev : undefined;
  return undefined;
}
