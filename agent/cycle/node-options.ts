/** What a node is opened with. */
import type { Emit } from '#agent/core/event.ts';
import type { AgreementBook } from '#agent/seal/agreement-book.ts';
import type { CipherSlot } from '#agent/seal/cipher-slot.ts';
import type { Identity } from '#agent/seal/identity.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk } from '#agent/sys/disk.ts';
import type { Random } from '#agent/sys/random.ts';
import { type AuditOptions, auditParts } from './audit-parts.ts';
import type { Dial } from './links.ts';

export interface NodeOptions {
  readonly state: string;
  readonly keys: string;
  readonly role: 'agent' | 'relay';
  readonly listen?: { readonly address: string; readonly port: number };
  readonly peers: readonly { readonly node: string; readonly url: string }[];
  /** In an open node: never before what is certainly over (`sys/lived-time.ts`). */
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly emit: Emit;
  readonly audit: AuditOptions;
  /** The product for state secrets, where one is configured. */
  readonly cipher?: CipherSlot;
  readonly dial?: Dial;
  /** Told of a fault that this process cannot go on with. */
  readonly failed: (error: unknown) => void;
}

/** The audit log is by the wall clock as it is: that it went back is on the record (R24). */
export function trailParts(options: NodeOptions, identity: Identity, book: AgreementBook) {
  const { emit, audit } = options;
  const { retentionMonths } = audit;
  return { ...auditParts(options, identity), emit, book, retentionMonths, agency: identity.agency };
}
