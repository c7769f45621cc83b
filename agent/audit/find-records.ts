/** Looks up single records of the log: by number, and the acknowledgements in it. Reads what it must and no more. */
import { join } from 'node:path';
import { type AuditHead, auditHeadKey } from '#agent/core/audit-head.ts';
import type { Digest } from '#agent/core/ids.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { type AuditFile, linesOf, listFiles } from './files.ts';
import { type AuditRecord, parseLine } from './record.ts';

export interface LogPlace {
  readonly disk: Disk;
  readonly dir: string;
}

/** Which type of record says that a person knows of heads that the log no longer holds. */
export const acknowledgement = 'log.acknowledged';

export interface Found {
  /** Of the oldest record that is kept; 0 when there is none. */
  readonly first: number;
  readonly hashes: ReadonlyMap<number, Digest>;
}

/** The hashes of the records with these sequence numbers, as far as they are there. */
export async function hashesAt(place: LogPlace, seqs: ReadonlySet<number>): Promise<Found> {
  const files = await listFiles(place.disk, place.dir);
  const hashes = new Map<number, Digest>();
  for (const [i, file] of files.entries()) {
    const end = files[i + 1]?.first ?? Number.POSITIVE_INFINITY;
    if ([...seqs].some((seq) => seq >= file.first && seq < end)) await readInto(hashes, place, file, seqs);
  }
  return { first: files[0]?.first ?? 0, hashes };
}

async function readInto(
  hashes: Map<number, Digest>,
  { disk, dir }: LogPlace,
  { name, first }: AuditFile,
  seqs: ReadonlySet<number>,
): Promise<void> {
  let seq = first;
  for await (const { bytes, whole } of linesOf(disk, join(dir, name))) {
    const record = whole && seqs.has(seq) ? parseLine(bytes) : undefined;
    if (record?.seq === seq) hashes.set(seq, record.hash);
    seq += 1;
  }
}

/**
 * What a person has acknowledged, on the record, when the log was cut or replaced: the heads named, and every head
 * signed before. A later cut that reaches further back takes the acknowledgement with it.
 */
export class Acknowledged {
  #until = '';
  readonly #keys = new Set<string>();

  /** Takes in the next record of the log. */
  note(record: AuditRecord | undefined): void {
    if (record?.type !== acknowledgement) return;
    this.#until = record.time;
    const { remembered, hash } = record.fields;
    if (this.#keys.size < maxNamed) this.#keys.add(`${remembered} ${hash}`);
  }

  /** A clock that was behind when it was acknowledged makes no difference to the heads that were named. */
  covers(head: AuditHead): boolean {
    return head.time <= this.#until || this.#keys.has(auditHeadKey(head));
  }
}

const maxNamed = 65_536;

/** Reads the whole log. */
export async function acknowledgedIn({ disk, dir }: LogPlace): Promise<Acknowledged> {
  const found = new Acknowledged();
  for (const { name } of await listFiles(disk, dir))
    for await (const { bytes, whole } of linesOf(disk, join(dir, name))) {
      const likely = whole && Buffer.from(bytes).includes(`"${acknowledgement}"`);
      if (likely) found.note(parseLine(bytes));
    }
  return found;
}
