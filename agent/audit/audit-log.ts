/**
 * The writer. Records wait in a queue and go out in groups: appended, fsynced, then the signed head over them; only
 * then does anybody who waits for one of them go on (invariant 14). There is one writer, under the state lock.
 */
import { join } from 'node:path';
import { type AuditHead, auditHeadSigned } from '#agent/core/audit-head.ts';
import { type Details, DongboError, type HaltCode, isHaltCode } from '#agent/core/errors.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { DiskFile } from '#agent/sys/disk.ts';
import { makeDirDurable, writeFileDurable } from '#agent/sys/durable.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import type { Random } from '#agent/sys/random.ts';
import { fileName } from './files.ts';
import { headName, headText } from './head-file.ts';
import { microsText } from './micros.ts';
import { recordLine } from './record.ts';
import { removeOld } from './retention.ts';
import { groupRecords, loadTip, type Tip, type TipParts } from './tip.ts';

export interface AuditLogParts extends TipParts {
  readonly clock: Clock;
  readonly random: Random;
  /** The node's signature in the domain 'audit'. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
  /** Sharing stops when the files have grown to this. */
  readonly maxBytes: number;
}

/** Why nothing may be shared now. Codes: AUDIT_FULL, AUDIT_UNWRITABLE, AUDIT_DAMAGED. */
export interface AuditFault {
  readonly code: HaltCode;
  readonly details: Details;
}

/**
 * `sharing`: refused once the log is full. `decision`: what people and this node decide goes into a tenth more, so
 * that the end of the sharing itself is on record.
 */
export type Weight = 'sharing' | 'decision';

interface Waiting {
  readonly type: string;
  readonly fields: Details;
  readonly weight: Weight;
  readonly done: PromiseWithResolvers<void>;
}

const maxWaiting = 8192;
/** A clock that is corrected by less has not gone back. */
const rollbackMicros = 1_000_000;
const largestFile = 8 * 1024 * 1024;
/** Full is when the next sharing may no longer fit. */
const roomBytes = 4096;
/** Of a line without its type and fields. */
const lineBytes = 300;

export class AuditLog implements AsyncDisposable {
  readonly #parts: AuditLogParts;
  #waiting: Waiting[] = [];
  #turn: Promise<void> = Promise.resolve();
  #tip: Tip | undefined;
  #file: DiskFile | undefined;
  #wall = 0;
  #broken: AuditFault | undefined;
  #head: AuditHead | undefined;
  #bytes = 0;

  constructor(parts: AuditLogParts) {
    this.#parts = parts;
  }

  /** What stops sharing; undefined while all is well. */
  get fault(): AuditFault | undefined {
    const { maxBytes } = this.#parts;
    if (this.#broken) return this.#broken;
    return this.#bytes + roomBytes > maxBytes
      ? { code: 'AUDIT_FULL', details: { bytes: this.#bytes, maxBytes } }
      : undefined;
  }

  /** The last head that this writer has signed, durable; undefined before the first. */
  get head(): AuditHead | undefined {
    return this.#head;
  }

  get used(): { readonly seq: number; readonly bytes: number; readonly maxBytes: number } {
    return { seq: this.#tip?.seq ?? 0, bytes: this.#bytes, maxBytes: this.#parts.maxBytes };
  }

  /** Durable on return, under a signed head. Throws AUDIT_FULL, AUDIT_UNWRITABLE, AUDIT_DAMAGED. */
  async append(type: string, fields: Details, weight: Weight = 'decision'): Promise<void> {
    const done = Promise.withResolvers<void>();
    if (this.#waiting.length >= maxWaiting) throw unwritable('EBUSY');
    this.#waiting.push({ type, fields, weight, done });
    this.#turn = this.#turn.then(() => this.#group());
    return done.promise;
  }

  /** Removes whole files that are older than `months` whole months; each leaves a record. */
  async retain(months: number): Promise<void> {
    if (!this.#tip) return;
    const append = (fields: Details) => this.append('log.removed', fields);
    this.#bytes -= await removeOld(this.#parts, { months, append });
  }

  async #group(): Promise<void> {
    const group = this.#waiting.splice(0, groupRecords);
    if (group.length === 0) return;
    try {
      const tip = await this.#load();
      const fitting = this.#fitting(group);
      await this.#write(tip, fitting);
      this.#broken = undefined;
      for (const { done } of fitting) done.resolve();
    } catch (error) {
      await this.#failed(error);
      const { code, details } = this.#broken ?? { code: 'AUDIT_UNWRITABLE', details: { errno: 'unknown' } };
      for (const { done } of group) done.reject(new DongboError(code, details, { retry: 'later' }));
    }
  }

  /** Nothing written may be taken for durable any more: the next group starts from what the disk holds. */
  async #failed(error: unknown): Promise<void> {
    const errno = errnoCode(error);
    if (error instanceof DongboError && isHaltCode(error.code))
      this.#broken = { code: error.code, details: error.details };
    else if (errno !== undefined) this.#broken = { code: 'AUDIT_UNWRITABLE', details: { errno } };
    else this.#broken = { code: 'AUDIT_UNWRITABLE', details: { errno: String(error) } };
    this.#tip = undefined;
    await this.#closeFile();
  }

  async #load(): Promise<Tip> {
    if (this.#tip) return this.#tip;
    if (this.#broken?.code === 'AUDIT_DAMAGED') throw new DongboError('AUDIT_DAMAGED', this.#broken.details);
    const { dir, disk } = this.#parts;
    await makeDirDurable(dir, 0o700, disk);
    const tip = await loadTip(this.#parts);
    this.#bytes = tip.bytes;
    this.#wall = Math.max(this.#wall, tip.micros);
    this.#tip = tip;
    return tip;
  }

  /** Turns away what has no room; the rest is written. */
  #fitting(group: readonly Waiting[]): Waiting[] {
    const { maxBytes } = this.#parts;
    let bytes = this.#bytes;
    return group.filter(({ type, fields, weight, done }) => {
      const most = weight === 'sharing' ? maxBytes - roomBytes : maxBytes + maxBytes / 10;
      if (bytes <= most) {
        bytes += JSON.stringify({ type, fields }).length + lineBytes;
        return true;
      }
      const details = { bytes: this.#bytes, maxBytes };
      done.reject(new DongboError('AUDIT_FULL', details, { retry: 'later' }));
      return false;
    });
  }

  async #write(before: Tip, group: readonly Waiting[]): Promise<void> {
    if (group.length === 0) return;
    let tip = before;
    const lines: string[] = [];
    const add = (type: string, fields: Details) => {
      const micros = Math.max(this.#parts.clock.now() * 1000, tip.micros + 1);
      const at = { seq: tip.seq + 1, time: microsText(micros), prev: tip.hash };
      const { line, hash } = recordLine({ ...at, type, fields });
      lines.push(`${line}\n`);
      tip = { ...tip, seq: at.seq, hash, micros, dropped: 0 };
    };
    if (before.dropped > 0) add('log.recovered', { unacknowledged: before.dropped });
    const now = this.#parts.clock.now() * 1000;
    if (now < this.#wall - rollbackMicros)
      add('CLOCK_ROLLBACK', { clock: microsText(now), before: microsText(this.#wall) });
    this.#wall = now;
    for (const { type, fields } of group) add(type, fields);
    const bytes = Buffer.from(lines.join(''));
    const file = await this.#appendBytes(before, microsText(tip.micros).slice(0, 7), bytes);
    await this.#sign(tip);
    this.#bytes += bytes.length;
    this.#tip = { ...tip, file };
  }

  async #appendBytes(before: Tip, month: string, bytes: Uint8Array): Promise<NonNullable<Tip['file']>> {
    const { dir, disk, maxBytes } = this.#parts;
    const most = Math.min(largestFile, maxBytes / 8);
    const goesOn = before.file && before.file.month === month && before.file.size < most;
    if (!goesOn) await this.#closeFile();
    const first = before.seq + 1;
    const next =
      goesOn && before.file ? before.file : { name: fileName(month, first), month, first, size: 0 };
    this.#file ??= await disk.openWrite(join(dir, next.name));
    await this.#file.write(bytes, next.size);
    await this.#file.sync();
    if (!goesOn) await disk.syncDir(dir);
    return { ...next, size: next.size + bytes.length };
  }

  async #sign({ seq, hash, micros }: Tip): Promise<void> {
    const { dir, disk, random, node, sign } = this.#parts;
    const unsigned = { node, seq, hash, time: microsText(micros) };
    const head: AuditHead = { ...unsigned, signature: sign(auditHeadSigned(unsigned)) };
    await writeFileDurable(join(dir, headName), Buffer.from(headText(head)), { disk, random });
    this.#head = head;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    try {
      await file?.[Symbol.asyncDispose]();
    } catch {
      // What was acknowledged has been fsynced; nothing hangs on the close.
    }
  }

  /** Writes what waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    await this.#closeFile();
  }
}

const unwritable = (errno: string) => new DongboError('AUDIT_UNWRITABLE', { errno }, { retry: 'later' });
