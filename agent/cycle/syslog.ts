/** The way of the audit log to the configured collector, for as long as the node runs (R25). */
import { hostname } from 'node:os';
import { SyslogFeed, type SyslogParts } from '#agent/audit/syslog-feed.ts';
import type { CollectorKeys } from '#agent/audit/syslog-link.ts';
import type { Identity } from '#agent/seal/identity.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { type AuditOptions, auditDir, type SyslogOptions } from './audit-parts.ts';
import type { AuditTrail } from './audit-trail.ts';

export interface SyslogNodeParts extends Pick<SyslogParts, 'known' | 'clock' | 'emit' | 'disk'> {
  readonly state: string;
  readonly audit: AuditOptions;
  readonly identity: Identity;
  readonly trail: AuditTrail;
  readonly failed: (error: unknown) => void;
}

const maxPemBytes = 256 * 1024;

export class Syslog implements AsyncDisposable {
  readonly #feed: SyslogFeed;
  readonly #failed: (error: unknown) => void;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  private constructor(feed: SyslogFeed, failed: (error: unknown) => void) {
    this.#feed = feed;
    this.#failed = failed;
  }

  /** Undefined where no collector is configured. */
  static of(parts: SyslogNodeParts): Syslog | undefined {
    const { audit, state, identity, trail, disk, known, clock, emit } = parts;
    const collector = audit.syslog;
    if (!collector) return undefined;
    const source = { agency: identity.agency, node: identity.node, hostname: hostname() };
    const feed = new SyslogFeed({
      ...{ collector, source, disk, known, clock, emit },
      dir: auditDir(state),
      head: () => trail.head(),
      keys: () => readKeys(disk, collector),
    });
    return new Syslog(feed, parts.failed);
  }

  start(): void {
    this.#running = this.#feed.run(this.#stop.signal).catch(this.#failed);
  }

  facts() {
    return this.#feed.facts();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('stopping'));
    await this.#running;
  }
}

async function readKeys(disk: Disk, { ca, cert, key }: SyslogOptions): Promise<CollectorKeys> {
  const keys = { ca: await readPem(disk, ca) };
  if (cert === undefined || key === undefined) return keys;
  return { ...keys, cert: await readPem(disk, cert), key: await readPem(disk, key) };
}

async function readPem(disk: Disk, path: string): Promise<Buffer> {
  await using file = await disk.openRead(path);
  const bytes = Buffer.alloc(maxPemBytes);
  return bytes.subarray(0, await file.read(bytes, 0));
}
