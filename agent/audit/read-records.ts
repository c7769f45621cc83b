/** The records of a period, for people. Reads on over what does not verify: that is for `verifyLog` to say. */
import { join } from 'node:path';
import type { Disk } from '#agent/sys/disk.ts';
import { linesOf, listFiles } from './files.ts';
import { type AuditRecord, parseLine } from './record.ts';

/** UTC dates or times, compared as text: from `from` on, up to and without `to`. */
export interface Period {
  readonly from?: string;
  readonly to?: string;
}

export async function* readRecords(disk: Disk, dir: string, period: Period): AsyncGenerator<AuditRecord> {
  const { from = '', to = '\u{ffff}' } = period;
  for (const { name, month } of await listFiles(disk, dir)) {
    if (month < from.slice(0, 7) || month > to.slice(0, 7)) continue;
    for await (const { bytes, whole } of linesOf(disk, join(dir, name))) {
      const record = whole ? parseLine(bytes) : undefined;
      if (record && record.time >= from && record.time < to) yield record;
    }
  }
}
