/**
 * The audit log to the agency's collector (R25). The log itself is the queue: a cursor says how far it was brought, is
 * kept when the collector has read it, and so an outage loses nothing and a crash repeats a little. A collector that is
 * away never stops sharing.
 */
import type { AuditHead } from '#agent/core/audit-head.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import type { LogPlace } from './find-records.ts';
import { type LogCursor, recordsAfter } from './records-after.ts';
import { type SyslogSource, syslogFrame } from './syslog-line.ts';
import { type CollectorAddress, type CollectorKeys, deliver } from './syslog-link.ts';

export interface SyslogParts extends LogPlace {
  readonly collector: CollectorAddress;
  /** Read anew for each delivery, so that a renewed certificate counts at once. */
  readonly keys: () => Promise<CollectorKeys>;
  readonly source: SyslogSource;
  /** The last record that is durable. */
  readonly head: () => AuditHead | undefined;
  readonly known: {
    getMeta(name: string): Promise<string | undefined>;
    putMeta(name: string, value: string): Promise<void>;
  };
  readonly clock: Clock;
  readonly emit: Emit;
  readonly times?: Partial<SyslogTimes>;
}

/** Milliseconds: between looks at the log, and the shortest and longest wait after a failure. */
export interface SyslogTimes {
  readonly lookMs: number;
  readonly retryMs: number;
  readonly longestMs: number;
}

export interface SyslogFacts {
  /** Last record that the collector has read. */
  readonly sent: number;
  readonly behind: number;
  readonly code?: string;
}

const usual: SyslogTimes = { lookMs: 2_000, retryMs: 2_000, longestMs: 60_000 };
/** What one delivery carries at most, and so what waits in memory. */
const atOnce = { records: 1000, bytes: 512 * 1024 };

export class SyslogFeed {
  readonly #parts: SyslogParts;
  readonly #times: SyslogTimes;
  #cursor: LogCursor | undefined;
  #failed: DongboError | undefined;

  constructor(parts: SyslogParts) {
    this.#parts = parts;
    this.#times = { ...usual, ...parts.times };
  }

  facts(): SyslogFacts {
    const sent = this.#cursor?.seq ?? 0;
    const behind = Math.max(0, (this.#parts.head()?.seq ?? 0) - sent);
    return { sent, behind, ...(this.#failed ? { code: this.#failed.code } : {}) };
  }

  /** Runs until aborted. Rejects with what the database cannot do. */
  async run(signal: AbortSignal): Promise<void> {
    const { lookMs, retryMs, longestMs } = this.#times;
    let wait = retryMs;
    while (!signal.aborted) {
      const result = await this.#round(signal);
      if (result === 'more') continue;
      wait = result === 'failed' ? Math.min(wait * 2, longestMs) : retryMs;
      const pause = result === 'failed' ? wait : lookMs;
      await this.#parts.clock.sleep(pause, signal).catch(() => undefined);
    }
  }

  async #round(signal: AbortSignal): Promise<'more' | 'done' | 'failed'> {
    const from = await this.#from();
    try {
      const { frames, to } = await this.#next(from);
      if (!to) return 'done';
      const { collector, clock } = this.#parts;
      await deliver(collector, await this.#parts.keys(), frames, { clock, signal });
      this.#cursor = to;
      await this.#keep(to);
      this.#succeeded();
      return 'more';
    } catch (error) {
      if (!signal.aborted) this.#fails(error);
      return signal.aborted ? 'done' : 'failed';
    }
  }

  /** A log that was begun anew, or another collector, is brought from the start. */
  async #from(): Promise<LogCursor> {
    this.#cursor ??= await this.#load();
    const last = this.#parts.head()?.seq;
    if (last !== undefined && this.#cursor.seq > last) this.#cursor = { seq: 0 };
    return this.#cursor;
  }

  async #next(from: LogCursor): Promise<{ frames: Uint8Array[]; to: LogCursor | undefined }> {
    const frames: Uint8Array[] = [];
    const last = this.#parts.head()?.seq ?? 0;
    let to: LogCursor | undefined;
    let bytes = 0;
    if (last <= from.seq) return { frames, to };
    for await (const { record, cursor } of recordsAfter(this.#parts, from, last)) {
      const frame = syslogFrame(record, this.#parts.source);
      frames.push(frame);
      to = cursor;
      bytes += frame.length;
      if (frames.length >= atOnce.records || bytes >= atOnce.bytes) break;
    }
    return { frames, to };
  }

  #name(): string {
    const { host, port } = this.#parts.collector;
    return `${host}:${port}`;
  }

  async #load(): Promise<LogCursor> {
    const row = await this.#parts.known.getMeta(cursorRow);
    const { collector, seq } = row ? (JSON.parse(row) as { collector: string; seq: number }) : { seq: 0 };
    return { seq: collector === this.#name() ? seq : 0 };
  }

  #keep({ seq }: LogCursor): Promise<void> {
    return this.#parts.known.putMeta(cursorRow, JSON.stringify({ collector: this.#name(), seq }));
  }

  #succeeded(): void {
    const { emit, collector } = this.#parts;
    if (this.#failed) emit({ type: 'note', code: 'SYSLOG_REACHED', details: { ...collector } });
    this.#failed = undefined;
  }

  #fails(error: unknown): void {
    const failure = asFailure(error, this.#parts.collector);
    const { code, details } = failure;
    if (this.#failed?.details.cause !== details.cause) this.#parts.emit({ type: 'error', code, details });
    this.#failed = failure;
  }
}

const cursorRow = 'audit/syslog';

/** A certificate or a log that cannot be read keeps the collector waiting as much as a network does. */
function asFailure(error: unknown, { host, port }: CollectorAddress): DongboError {
  if (error instanceof DongboError) return error;
  const cause = errnoCode(error) ?? (error instanceof Error ? error.name : 'unknown');
  return new DongboError('SYSLOG_UNREACHABLE', { host, port, cause }, { retry: 'later' });
}
