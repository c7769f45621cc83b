/** The records behind a sequence number, in order, from where the reader last stopped: the log as a queue. */
import { join } from 'node:path';
import { type AuditFile, linesOf, listFiles } from './files.ts';
import type { LogPlace } from './find-records.ts';
import { type AuditRecord, parseLine } from './record.ts';

/** A place in the log: the record up to which all is read, and where the next begins, if that is known. */
export interface LogCursor {
  readonly seq: number;
  readonly at?: { readonly name: string; readonly offset: number } | undefined;
}

export interface Read {
  readonly record: AuditRecord;
  /** Behind this record. */
  readonly cursor: LogCursor;
}

/** Up to `last`, which must be durable. What retention has removed, or does not parse, is left out. */
export async function* recordsAfter(place: LogPlace, from: LogCursor, last: number): AsyncGenerator<Read> {
  const files = await listFiles(place.disk, place.dir);
  for (const [i, file] of files.entries()) {
    const end = files[i + 1]?.first ?? Number.POSITIVE_INFINITY;
    if (end > from.seq + 1) yield* readFile(place, file, from, last);
    if (end > last) return;
  }
}

async function* readFile(
  { disk, dir }: LogPlace,
  { name }: AuditFile,
  from: LogCursor,
  last: number,
): AsyncGenerator<Read> {
  const start = from.at?.name === name ? from.at.offset : 0;
  for await (const { bytes, whole, end } of linesOf(disk, join(dir, name), start)) {
    const record = whole ? parseLine(bytes) : undefined;
    if (!record || record.seq <= from.seq) continue;
    if (record.seq > last) return;
    yield { record, cursor: { seq: record.seq, at: { name, offset: end } } };
  }
}
