/** `dongbo audit verify`: reads everything again, from the first record to the signed head, and trusts nothing. */
import { join } from 'node:path';
import { type AuditHead, auditHeadKey } from '#agent/core/audit-head.ts';
import type { Digest } from '#agent/core/ids.ts';
import { type AuditFile, type Line, linesOf, listFiles } from './files.ts';
import { Acknowledged } from './find-records.ts';
import { headName, readHead } from './head-file.ts';
import { type AuditRecord, noHash, parseLine } from './record.ts';
import type { TipParts } from './tip.ts';
import type { Witness } from './witness-file.ts';

/** Codes: AUDIT_RECORD_CHANGED, AUDIT_RECORD_MISSING, AUDIT_CUT_OFF, AUDIT_REPLACED, AUDIT_HEAD_INVALID. */
export interface Fault {
  readonly code: string;
  readonly file: string;
  /** Of the first record that is not as it was. */
  readonly seq: number;
  /** Who has it signed by this node: `head.json`, or the agency of a peer; and up to which record. */
  readonly witness?: string;
  readonly signed?: number;
}

export interface Verified {
  readonly first: number;
  readonly last: number;
  readonly head: AuditHead | undefined;
  readonly fault: Fault | undefined;
  /** Of the witnesses: the record up to which peers bear the log out, 0 when none does. */
  readonly borneOut: number;
  /** What the log does not hold, and a person has acknowledged in it. */
  readonly acknowledged: readonly Witness[];
}

/** Names the first fault; what comes after it proves nothing. Throws what the disk throws. Changes nothing. */
export async function verifyLog(parts: TipParts, witnesses: readonly Witness[] = []): Promise<Verified> {
  const { disk, dir } = parts;
  // The head first: a node at work only ever adds behind it.
  const head = await readHead(disk, dir, parts);
  const files = await listFiles(disk, dir);
  const walk = new Walk(typeof head === 'string' ? undefined : head, witnesses);
  const none = files.length === 0 && head === 'absent';
  if (typeof head === 'string' && !none) walk.fail('AUDIT_HEAD_INVALID', headName, 0);
  for (const [i, file] of files.entries()) {
    if (walk.fault) break;
    walk.begin(file);
    for await (const line of linesOf(disk, join(dir, file.name))) {
      walk.take(line, i === files.length - 1);
      if (walk.fault) break;
    }
  }
  walk.end(files.at(-1)?.name ?? headName);
  const { first, last, borneOut, acknowledged } = walk;
  return { first, last, head: walk.head, fault: walk.fault, borneOut, acknowledged };
}

class Walk {
  readonly head: AuditHead | undefined;
  first = 0;
  last = 0;
  fault: Fault | undefined;
  #file = headName;
  #prev: Digest = noHash;
  #time = '';
  /** What must have been removed by retention, on record. */
  #start: { readonly file: string; readonly to: number; readonly lastHash: string } | undefined;

  borneOut = 0;
  acknowledged: readonly Witness[] = [];
  /** What the log does not hold, by its records so far. */
  readonly #unseen: Map<string, Witness>;
  readonly #known = new Acknowledged();

  constructor(head: AuditHead | undefined, witnesses: readonly Witness[]) {
    this.head = head;
    this.#unseen = new Map(witnesses.map((witness) => [auditHeadKey(witness.head), witness]));
  }

  fail(code: string, file: string, seq: number, by?: { witness: string; signed: number }): void {
    this.fault ??= { code, file, seq, ...by };
  }

  begin({ name, first }: AuditFile): void {
    this.#file = name;
    if (this.first === 0) {
      this.first = first;
      this.last = first - 1;
    } else if (first !== this.last + 1) this.fail('AUDIT_RECORD_MISSING', name, this.last + 1);
  }

  take({ bytes, whole }: Line, inLastFile: boolean): void {
    const seq = this.last + 1;
    // A node at work may be writing this one right now; nobody has been told yet that it is there.
    if (!whole && inLastFile && this.head && seq > this.head.seq) return;
    const record = whole ? parseLine(bytes) : undefined;
    if (record && record.seq > seq) this.fail('AUDIT_RECORD_MISSING', this.#file, seq);
    else if (!record || !this.#joins(record, seq)) this.fail('AUDIT_RECORD_CHANGED', this.#file, seq);
    else this.#accept(record);
  }

  #joins(record: AuditRecord, seq: number): boolean {
    const starts = seq === this.first && seq > 1;
    const signed = this.head?.seq !== seq || this.head.hash === record.hash;
    const chained = starts || record.prev === this.#prev;
    return record.seq === seq && chained && signed && record.time > this.#time;
  }

  #accept(record: AuditRecord): void {
    if (record.seq === this.first && record.seq > 1) this.#noteStart(record);
    this.#noteRemoval(record);
    if (this.#unseen.delete(auditHeadKey(record))) this.borneOut = record.seq;
    this.#known.note(record);
    this.last = record.seq;
    this.#prev = record.hash;
    this.#time = record.time;
  }

  #noteStart({ seq, prev }: AuditRecord): void {
    this.#start = { file: this.#file, to: seq - 1, lastHash: prev };
  }

  #noteRemoval({ type, fields }: AuditRecord): void {
    const { to, lastHash } = this.#start ?? {};
    if (type === 'log.removed' && fields.to === to && fields.lastHash === lastHash) this.#start = undefined;
  }

  end(file: string): void {
    if (this.head && this.last < this.head.seq)
      this.fail('AUDIT_CUT_OFF', file, this.last + 1, { witness: headName, signed: this.head.seq });
    if (this.#start) this.fail('AUDIT_RECORD_MISSING', this.#start.file, this.#start.to);
    if (!this.fault) this.#hearWitnesses(file);
  }

  /** What retention has removed nobody can hold against anything. */
  #hearWitnesses(file: string): void {
    const kept = [...this.#unseen.values()].filter(({ head }) => head.seq >= this.first);
    const isKnown = ({ head }: Witness) => this.#known.covers(head);
    this.acknowledged = kept.filter(isKnown);
    const missing = kept.filter((witness) => !isKnown(witness));
    const [worst] = missing.sort((a, b) => a.head.seq - b.head.seq);
    if (!worst) return;
    const { agency: witness, head } = worst;
    const by = { witness, signed: head.seq };
    if (head.seq > this.last) this.fail('AUDIT_CUT_OFF', file, this.last + 1, by);
    else this.fail('AUDIT_REPLACED', file, head.seq, by);
  }
}
