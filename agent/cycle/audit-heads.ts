/** Heads of audit logs between nodes: what is told with each look and each answer, and what is done with what comes. */
import type { NodeId } from '#agent/core/ids.ts';
import type { AuditWords } from '#agent/exchange/audit-words.ts';
import { verifySignature } from '#agent/seal/verify.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { type AuditPlace, auditDir } from './audit-parts.ts';
import type { AuditTrail } from './audit-trail.ts';
import { type OwnAuditParts, OwnAuditHeads } from './own-audit-heads.ts';
import { type PeerAuditAlarm, PeerAuditHeads, type PeerAuditParts } from './peer-audit-heads.ts';

export type AuditHeadsParts = Omit<AuditPlace, 'audit'> &
  Pick<PeerAuditParts, 'known' | 'emit'> &
  Pick<OwnAuditParts, 'me'> & { readonly trail: AuditTrail };

export class AuditHeads implements AsyncDisposable {
  readonly #trail: AuditTrail;
  readonly #own: OwnAuditHeads;
  readonly #peers: PeerAuditHeads;

  private constructor(trail: AuditTrail, own: OwnAuditHeads, peers: PeerAuditHeads) {
    this.#trail = trail;
    this.#own = own;
    this.#peers = peers;
  }

  static async open(parts: AuditHeadsParts): Promise<AuditHeads> {
    const common = { ...parts, verify: verifySignature };
    const own = await OwnAuditHeads.open({ ...common, dir: auditDir(parts.state) });
    return new AuditHeads(parts.trail, own, new PeerAuditHeads(common));
  }

  async words(peer: NodeId): Promise<AuditWords> {
    return { head: this.#trail.head(), remembered: await this.#peers.of(peer) };
  }

  /** Returns what is told in turn: what was remembered before these words came. */
  async hear(peer: NodeId, { head, remembered }: AuditWords): Promise<AuditWords> {
    const told = await this.words(peer);
    await this.#own.hear(peer, remembered).catch(onlyDisk);
    await this.#peers.take(peer, head);
    return told;
  }

  /** Call every few seconds. */
  async keep(): Promise<void> {
    await this.#own.check().catch(onlyDisk);
    await this.#peers.keep();
  }

  alarms(): PeerAuditAlarm[] {
    return this.#peers.alarms();
  }

  acknowledge(by: string, reason: string): Promise<string | undefined> {
    return this.#own.acknowledge(by, reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.keep();
  }
}

/** What cannot be read or kept now is heard again; that the disk is at fault shows where the log is written. */
function onlyDisk(error: unknown): void {
  if (errnoCode(error) === undefined) throw error;
}
