/**
 * What peers remember of this node's own audit log, in this node's own signed words, held against the log. A log that
 * ends before it, or has another record in its place, was cut, put back or replaced: that is told, and nothing is
 * shared until a person has acknowledged it on the record (R22).
 */
import { acknowledgedIn, acknowledgement, hashesAt } from '#agent/audit/find-records.ts';
import type { Verify } from '#agent/audit/head-file.ts';
import { maxWitnesses, readWitnesses, type Witness, writeWitnesses } from '#agent/audit/witness-file.ts';
import { type AuditHead, auditHeadKey, auditHeadSigned } from '#agent/core/audit-head.ts';
import type { Halt } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { NodeId } from '#agent/core/ids.ts';
import type { Disk } from '#agent/sys/disk.ts';
import type { Random } from '#agent/sys/random.ts';
import type { AuditTrail } from './audit-trail.ts';

export interface OwnAuditParts {
  readonly state: string;
  /** Of the log. */
  readonly dir: string;
  readonly disk: Disk;
  readonly random: Random;
  readonly me: NodeId;
  readonly verify: Verify;
  readonly emit: Emit;
  readonly trail: Pick<
    AuditTrail,
    'head' | 'note' | 'decided' | 'memberAgency' | 'stopFor' | 'goOn' | 'halt'
  >;
}

/** While it is like this there is nothing to compare with. */
const unreadable = new Set(['AUDIT_UNWRITABLE', 'AUDIT_DAMAGED']);
const maxPending = 4096;
const maxSound = 16_384;

export class OwnAuditHeads {
  readonly #parts: OwnAuditParts;
  /** To be held against the log, by key. */
  readonly #pending = new Map<string, Witness>();
  /** Keys of heads that the log is known to hold, or that a person has acknowledged. */
  readonly #sound = new Set<string>();
  /** What the log does not hold and nobody has acknowledged. */
  readonly #missing = new Map<string, Witness>();
  /** The highest that each peer remembers. */
  readonly #highest = new Map<NodeId, Witness>();
  #changed = false;
  #turn: Promise<void> = Promise.resolve();

  private constructor(parts: OwnAuditParts) {
    this.#parts = parts;
  }

  /** What was heard before the restart is held against the log again. */
  static async open(parts: OwnAuditParts): Promise<OwnAuditHeads> {
    const own = new OwnAuditHeads(parts);
    const { disk, me: node, verify, state } = parts;
    for (const witness of await readWitnesses(state, { disk, node, verify })) own.#note(witness);
    return own;
  }

  /** Takes what `peer` remembers. What lies beyond the end of the log is told before this returns. */
  async hear(peer: NodeId, heads: readonly AuditHead[]): Promise<void> {
    const { me, verify, trail } = this.#parts;
    for (const head of heads) {
      if (head.node !== me || this.#isOld(peer, head)) continue;
      if (verify(me, 'audit', auditHeadSigned(head), head.signature))
        this.#note({ peer, agency: trail.memberAgency(peer), head });
    }
    const end = trail.head()?.seq ?? Number.POSITIVE_INFINITY;
    if ([...this.#pending.values()].some(({ head }) => head.seq > end)) await this.check();
  }

  /** Peers tell the same heads with each look. */
  #isOld(peer: NodeId, head: AuditHead): boolean {
    const key = auditHeadKey(head);
    const seen = this.#sound.has(key) || this.#missing.has(key);
    return seen && head.seq <= (this.#highest.get(peer)?.head.seq ?? 0);
  }

  #note(witness: Witness): void {
    const { peer, head } = witness;
    const before = this.#highest.get(peer);
    if (!before || before.head.seq < head.seq) {
      this.#highest.set(peer, witness);
      this.#changed = true;
    }
    const key = auditHeadKey(head);
    const seen = this.#sound.has(key) || this.#missing.has(key);
    if (!seen && this.#pending.size < maxPending) this.#pending.set(key, witness);
  }

  /** Holds against the log what was heard, and keeps it. Call every few seconds. */
  check(): Promise<void> {
    this.#turn = this.#turn.catch(() => undefined).then(() => this.#check());
    return this.#turn;
  }

  async #check(): Promise<void> {
    const own = this.#parts.trail.head();
    const code = this.#parts.trail.halt()?.code ?? '';
    if (own && this.#pending.size > 0 && !unreadable.has(code)) await this.#compare(own.seq);
    if (!this.#changed) return;
    this.#changed = false;
    const { state, disk, random } = this.#parts;
    const all = [...this.#missing.values(), ...this.#highest.values()];
    const highest = all.sort((a, b) => b.head.seq - a.head.seq).slice(0, maxWitnesses);
    await writeWitnesses(state, highest, { disk, random });
  }

  async #compare(end: number): Promise<void> {
    const asked = [...this.#pending];
    const { first, hashes } = await hashesAt(this.#parts, new Set(asked.map(([, w]) => w.head.seq)));
    if (first === 0) return;
    const absent = asked.filter(([, { head }]) => head.seq >= first && hashes.get(head.seq) !== head.hash);
    const known = absent.length > 0 ? await acknowledgedIn(this.#parts) : undefined;
    const missing = new Map(absent.filter(([, { head }]) => !known?.covers(head)));
    for (const [key] of asked) {
      this.#pending.delete(key);
      if (!missing.has(key)) this.#addSound(key);
    }
    for (const [key, witness] of missing) await this.#alarm(key, witness, end);
  }

  #addSound(key: string): void {
    if (this.#sound.size >= maxSound) this.#sound.clear();
    this.#sound.add(key);
  }

  async #alarm(key: string, witness: Witness, end: number): Promise<void> {
    const { emit, trail } = this.#parts;
    if (this.#missing.size >= maxWitnesses) return;
    this.#missing.set(key, witness);
    this.#changed = true;
    const { code, details } = faultOf(witness, end);
    if (this.#missing.size > 1) return;
    trail.stopFor({ code, details, needsRelease: true });
    emit({ type: 'error', code, details });
    const { peer, agency, head } = witness;
    await trail.note('log.cut', { code, peer, agency, remembered: head.seq, hash: head.hash, last: end });
  }

  /** A person knows: on the record, each head by itself, and sharing goes on. The code of what was lifted, if anything. */
  async acknowledge(by: string, reason: string): Promise<string | undefined> {
    const [first] = this.#missing.values();
    const code = first && this.#parts.trail.halt()?.code;
    for (const [key, { peer, agency, head }] of this.#missing) {
      const fields = { peer, agency, remembered: head.seq, hash: head.hash, by, reason };
      await this.#parts.trail.decided(acknowledgement, fields);
      this.#missing.delete(key);
      this.#addSound(key);
    }
    if (first) this.#parts.trail.goOn();
    return code;
  }
}

/** The code and the place, as `dongbo audit verify` names them. */
function faultOf({ agency, head }: Witness, end: number): Pick<Halt, 'code' | 'details'> {
  const common = { log: 'audit', witness: agency, signed: head.seq };
  if (head.seq > end) return { code: 'AUDIT_CUT_OFF', details: { ...common, seq: end + 1 } };
  return { code: 'AUDIT_REPLACED', details: { ...common, seq: head.seq } };
}
