/** Where a node's audit log lies, and the keys that it is signed and checked with. */
import { join } from 'node:path';
import type { AuditLogParts } from '#agent/audit/audit-log.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { verifySignature } from '#agent/seal/verify.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk } from '#agent/sys/disk.ts';
import type { Random } from '#agent/sys/random.ts';

/** `audit` of the configuration. */
export interface AuditOptions {
  readonly maxBytes: number;
  readonly retentionMonths: number;
  readonly syslog?: SyslogOptions;
}

export interface SyslogOptions {
  readonly host: string;
  readonly port: number;
  /** Paths of PEM files. */
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface AuditPlace {
  readonly state: string;
  readonly audit: { readonly maxBytes: number };
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
}

export const auditDir = (state: string): string => join(state, 'audit');

export function auditParts(place: AuditPlace, identity: Identity): AuditLogParts {
  const { state, audit, clock, random, disk } = place;
  return {
    ...{ clock, random, disk },
    maxBytes: audit.maxBytes,
    dir: auditDir(state),
    node: identity.node,
    verify: verifySignature,
    sign: (bytes) => identity.sign('nacl-pq', 'audit', bytes),
  };
}
