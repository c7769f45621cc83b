/** What the agent tells of a space, at the moment it is asked. Times are milliseconds since the Unix epoch. */
import type { Details, Halt } from '#agent/core/errors.ts';
import type { NodeId, SpaceId } from '#agent/core/ids.ts';

export interface PeerFacts {
  readonly node: NodeId;
  readonly agency: string;
  /** Where this node calls it; absent when it calls us. */
  readonly url?: string;
  readonly connected: boolean;
  /** Whether both have told each other what they hold since they are connected. */
  readonly compared: boolean;
  readonly lastSeen?: number;
  /** Last sequence number of this node's own feed. */
  readonly ownSeq: number;
  /** How far the peer holds this node's feed. */
  readonly sentSeq: number;
  /** How far the peer has signed that this node's feed is durable on its disk. */
  readonly receiptSeq: number;
  /** Last sequence number of the peer's own feed that this node has heard of; 0 when it is not for this node. */
  readonly theirSeq: number;
  /** How far this node holds the peer's feed. */
  readonly heldSeq: number;
  /** Whether this node's changes go to it: false for a member that only publishes. */
  readonly takes: boolean;
  /** Whether it gives receipts to this node: false for a relay and for a member that only publishes. */
  readonly reads: boolean;
  /** Why the exchange about this space last failed; absent once it has succeeded again. */
  readonly lastFault?: string;
}

/** `lapsed`: something that the agreement rests on is over, such as the approval of this node's system. */
export const agreementFacts = [
  'in-force',
  'not-yet',
  'expired',
  'suspended',
  'ended',
  'lapsed',
  'absent',
] as const;
export type AgreementFact = (typeof agreementFacts)[number];

export interface SpaceFacts {
  readonly space: SpaceId;
  readonly name: string;
  readonly folder?: string;
  readonly role: 'agent' | 'relay';
  /** Items in the folder; 0 on a relay, which sees none. */
  readonly items: number;
  /** Size of the items. */
  readonly bytes: number;
  /** Items whose newest version is not yet on this disk. */
  readonly pending: number;
  /** Records of others that this node has heard of and does not hold. */
  readonly behind: number;
  /** Feeds of which peers have left something out that nothing later excuses. */
  readonly withheld: number;
  /** Records of others that came under a label that the agreement keeps from this node (R37). */
  readonly withheldRecords: number;
  /** Items whose label this node raised: what was sent before is withdrawn. Absent on a relay. */
  readonly withdrawals?: {
    /** Items that some member has yet to confirm, and those that all have. */
    readonly open: number;
    readonly confirmed: number;
    /** When the oldest open one began. Milliseconds since the Unix epoch. */
    readonly oldest?: number;
  };
  /** Items of members that have left, which no member has published anew; absent where there are none. */
  readonly heritage?: { readonly items: number; readonly heirs: number; readonly mine: boolean };
  /** Files that change while they are read, so that others have an earlier version. */
  readonly changing?: { readonly files: number; readonly since: number };
  /** Files that grow by rule, of which others have the beginning. */
  readonly growing?: { readonly files: number };
  /** Why the last turn came to no end. `since`: milliseconds since the Unix epoch. */
  readonly fault?: { readonly code: string; readonly details: Details; readonly since: number };
  readonly problems: number;
  /** How many problems of each code. */
  readonly problemCodes?: Readonly<Record<string, number>>;
  readonly halt?: Halt;
  readonly agreement: AgreementFact;
  /** Why no agreement is in force. */
  readonly refusal?: { readonly code: string; readonly details: Details };
  /** How far the clock of this machine is behind what is certainly over; absent where it is not. */
  readonly clockBehindMinutes?: number;
  readonly peers: readonly PeerFacts[];
  /** Of the members whose changes this node reads; absent where there are none (R13). */
  readonly freshness?: FreshnessFacts;
  /** End of the last look through the whole folder since the start. */
  readonly lastScan?: number;
  /** What peers hold is still to be heard: until then nothing of the folder is looked at. */
  readonly unheard?: true;
  /** Last change published or applied; as seen in the events when absent. */
  readonly lastChange?: number;
  /** Whether hints about changes arrive; when absent, true as soon as the first scan has ended. */
  readonly watched?: boolean;
}

/** How long what is held of one author can be relied on. Milliseconds since the Unix epoch. */
export interface AuthorFreshness {
  /** When the author signed that it had written no more than what is held here. */
  readonly lastSyncedAt?: number;
  readonly validUntil: number;
  readonly stale: boolean;
}

export interface FreshnessFacts {
  readonly freshnessHours: number;
  readonly authors: ReadonlyMap<NodeId, AuthorFreshness>;
}

/** Given by the agent; asked at each snapshot. */
export type Sources = () => Promise<readonly SpaceFacts[]>;

/** The audit log. `code`: what stops sharing, or a warning. */
export interface AuditFacts {
  readonly seq: number;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly code?: string;
  /** Nodes whose audit logs are not what this node remembers of them. */
  readonly peers?: {
    readonly peer: string;
    readonly agency: string;
    readonly code: string;
    readonly seq: number;
    readonly remembered: number;
  }[];
  /** Where a collector is configured: the last record that it has read, and how many wait. */
  readonly syslog?: { readonly sent: number; readonly behind: number; readonly code?: string };
}
