/**
 * What this node remembers of the audit logs of others: for each node the highest head that it has signed, and a few
 * older ones, ever further apart, so that a log that was cut and has grown again is still found out. A peer that comes
 * with less, or with another history, is told of here; the peer itself is shown what is remembered (R22).
 */
import type { Verify } from '#agent/audit/head-file.ts';
import {
  type AuditHead,
  auditHeadKey,
  auditHeadSigned,
  decodeAuditHead,
  encodeAuditHead,
} from '#agent/core/audit-head.ts';
import { isCode } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { NodeId } from '#agent/core/ids.ts';
import { maxRememberedHeads } from '#agent/exchange/limits.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { AuditTrail } from './audit-trail.ts';

export interface PeerAuditParts {
  readonly known: {
    getMeta(name: string): Promise<string | undefined>;
    putMeta(name: string, value: string): Promise<void>;
  };
  readonly verify: Verify;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly emit: Emit;
  readonly trail: Pick<AuditTrail, 'caused' | 'memberAgency'>;
}

export interface PeerAuditAlarm {
  /** PEER_AUDIT_WENT_BACK, PEER_AUDIT_FORKED or PEER_AUDIT_HEAD_INVALID. */
  readonly code: string;
  readonly peer: NodeId;
  readonly agency: string;
  /** What the peer came with, and the last that it had signed before. */
  readonly seq: number;
  readonly remembered: number;
}

interface Known {
  heads: readonly AuditHead[];
  /** What is wrong with its log; told once, and shown until its log goes on beyond what is remembered. */
  alarm: PeerAuditAlarm | undefined;
  /** Since when the peer comes with less than it once had. */
  lowerSince: number | undefined;
  changed: boolean;
}

/** Questions about several spaces cross on the way, so that one with an older head may arrive after a newer one. */
const crossingMs = 60_000;
/** Rows written in one round: a relay with thousands of callers must not hold up its other work. */
const writtenAtOnce = 256;

export class PeerAuditHeads {
  readonly #parts: PeerAuditParts;
  /** Only members of agreements in force get here, so it is bounded by these. */
  readonly #peers = new Map<NodeId, Promise<Known>>();
  readonly #alarms = new Map<NodeId, PeerAuditAlarm>();

  constructor(parts: PeerAuditParts) {
    this.#parts = parts;
  }

  /** The newest last. */
  async of(peer: NodeId): Promise<readonly AuditHead[]> {
    return (await this.#knownOf(peer)).heads;
  }

  /** Takes in what a peer says of its own log. */
  async take(peer: NodeId, head: AuditHead | undefined): Promise<void> {
    if (!head) return;
    const known = await this.#knownOf(peer);
    const newest = known.heads.at(-1);
    if (newest && auditHeadKey(newest) === auditHeadKey(head)) {
      known.lowerSince = undefined;
      return;
    }
    if (!this.#isGenuine(peer, head)) return this.#tell(peer, known, 'PEER_AUDIT_HEAD_INVALID', head.seq);
    const same = known.heads.find(({ seq }) => seq === head.seq);
    if (same && same.hash !== head.hash) return this.#tell(peer, known, 'PEER_AUDIT_FORKED', head.seq);
    if (newest && head.seq < newest.seq) return this.#lower(peer, known, head.seq);
    known.heads = thinned([...known.heads, head]);
    known.lowerSince = undefined;
    known.alarm = undefined;
    known.changed = true;
    this.#alarms.delete(peer);
  }

  #isGenuine(peer: NodeId, head: AuditHead): boolean {
    const { verify } = this.#parts;
    return head.node === peer && verify(peer, 'audit', auditHeadSigned(head), head.signature);
  }

  #lower(peer: NodeId, known: Known, seq: number): Promise<void> | undefined {
    const now = this.#parts.clock.monotonic();
    known.lowerSince ??= now;
    if (now - known.lowerSince < crossingMs) return undefined;
    return this.#tell(peer, known, 'PEER_AUDIT_WENT_BACK', seq);
  }

  async #tell(peer: NodeId, known: Known, code: string, seq: number): Promise<void> {
    const remembered = known.heads.at(-1)?.seq ?? 0;
    if (known.alarm?.code === code && known.alarm.remembered === remembered) return;
    const { emit, trail } = this.#parts;
    const details = { peer, agency: trail.memberAgency(peer), seq, remembered };
    known.alarm = { code, ...details };
    known.changed = true;
    this.#alarms.set(peer, known.alarm);
    emit({ type: 'error', code, details });
    const by = { member: peer, space: 'none' as const, reference: code };
    await trail.caused('peer.log', by, { code, ...details });
  }

  /** Peers whose logs are not what they were. */
  alarms(): PeerAuditAlarm[] {
    return [...this.#alarms.values()];
  }

  /** Makes durable what is new. Call every few seconds, and at the end. */
  async keep(): Promise<void> {
    let left = writtenAtOnce;
    for (const [peer, loading] of this.#peers) {
      const known = await loading;
      if (!known.changed) continue;
      if (left === 0) return;
      left -= 1;
      known.changed = false;
      const heads = known.heads.map((head) => encodeAuditHead(head).toHex());
      await this.#parts.known.putMeta(rowOf(peer), JSON.stringify({ v: 1, heads, alarm: known.alarm }));
    }
  }

  #knownOf(peer: NodeId): Promise<Known> {
    const known = this.#peers.get(peer) ?? this.#load(peer);
    this.#peers.set(peer, known);
    return known;
  }

  async #load(peer: NodeId): Promise<Known> {
    const row = await this.#parts.known.getMeta(rowOf(peer));
    const { heads, alarm } = JSON.parse(row ?? '{"heads":[]}') as { heads: string[]; alarm?: PeerAuditAlarm };
    if (alarm) this.#alarms.set(peer, alarm);
    const decoded = heads.flatMap(readHead);
    return { heads: decoded, alarm, lowerSince: undefined, changed: false };
  }
}

/** What was kept before sequence numbers had a bound counts as never told. */
function readHead(hex: string): AuditHead[] {
  try {
    return [decodeAuditHead(Uint8Array.fromHex(hex))];
  } catch (error) {
    if (!isCode(error, 'CODEC_MALFORMED')) throw error;
    return [];
  }
}

const rowOf = (peer: NodeId): string => `audit/peer/${peer}`;

/** One head too many: that one goes whose neighbours lie closest together, measured by how far back they lie. */
function thinned(heads: readonly AuditHead[]): readonly AuditHead[] {
  const newest = heads.at(-1)?.seq ?? 0;
  if (heads.length <= maxRememberedHeads) return heads;
  const seqs = heads.map(({ seq }) => seq);
  const closeness = seqs.slice(0, -2).map((seq, i) => ((seqs[i + 2] ?? newest) - seq) / (newest - seq));
  return heads.toSpliced(closeness.indexOf(Math.min(...closeness)) + 1, 1);
}
