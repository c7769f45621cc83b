/**
 * What goes on the record, in the words of an auditor, and whether anything may be shared at all: without a log that
 * can be written nothing is sent or served (invariant 14). No record names an item or holds content.
 */
import { AuditLog, type AuditLogParts } from '#agent/audit/audit-log.ts';
import { microsText } from '#agent/audit/micros.ts';
import { RefusalTally } from '#agent/audit/refusal-tally.ts';
import { type Agreement, agreementDigest } from '#agent/core/agreement.ts';
import type { AuditHead } from '#agent/core/audit-head.ts';
import { type Details, DongboError, type Halt } from '#agent/core/errors.ts';
import type { AgentEvent, Emit } from '#agent/core/event.ts';
import { type NodeId, parseNodeId, parseSpaceId, type SpaceId } from '#agent/core/ids.ts';
import { labelClass } from '#agent/core/label.ts';
import { type AgreementBook, isRefusal } from '#agent/seal/agreement-book.ts';
import { type Act, MemberTally } from './member-tally.ts';

export interface AuditTrailParts extends AuditLogParts {
  readonly agency: string;
  readonly book: AgreementBook;
  readonly retentionMonths: number;
  readonly emit: Emit;
}

/** One sharing (R14). `asked`: when it was asked for, milliseconds since the Unix epoch. */
export interface Sharing {
  readonly space: SpaceId;
  readonly form: 'push' | 'fetch' | 'receipt';
  readonly requester: NodeId;
  readonly supplier: NodeId;
  readonly asked: number;
  /** Opaque: a feed and its sequence numbers. */
  readonly reference: string;
  readonly records: number;
  readonly bytes: number;
  readonly result: string;
}

const maxOwed = 1024;
const retainMs = 3_600_000;
const warnAt = 0.8;

export class AuditTrail implements AsyncDisposable {
  readonly #parts: AuditTrailParts;
  readonly #log: AuditLog;
  readonly #refusals: RefusalTally;
  readonly #problems: RefusalTally;
  readonly #members: MemberTally;
  /** What could not be written: it goes first when the log can be written again. */
  readonly #owed: { readonly type: string; readonly fields: Details }[] = [];
  #cut: Halt | undefined;
  #stopped: { readonly code: string; readonly since: number } | undefined;
  #warned = false;
  #retained: number | undefined;

  constructor(parts: AuditTrailParts) {
    this.#parts = parts;
    this.#log = new AuditLog(parts);
    this.#refusals = new RefusalTally(parts.clock);
    this.#problems = new RefusalTally(parts.clock);
    this.#members = new MemberTally(parts.clock);
  }

  /** Begins the log of this run. What is wrong with it shows in `halt`. */
  static async open(parts: AuditTrailParts): Promise<AuditTrail> {
    const trail = new AuditTrail(parts);
    await trail.note('node.started', { agency: parts.agency, node: parts.node });
    return trail;
  }

  /** Why nothing may be shared now. It lifts itself. */
  halt(): Halt | undefined {
    const fault = this.#log.fault;
    return fault ? { ...fault, needsRelease: false } : this.#cut;
  }

  /** Throws AUDIT_FULL, AUDIT_UNWRITABLE, AUDIT_DAMAGED, or what `stopFor` was told, while nothing may be shared. */
  mustBeWritable(): void {
    const halt = this.halt();
    if (halt) throw new DongboError(halt.code, halt.details, { retry: 'later' });
  }

  /** The signed head of the log; undefined while there is none. */
  head(): AuditHead | undefined {
    return this.#log.head;
  }

  /** The log was cut or replaced: nothing is shared until a person has said so on the record, then `goOn`. */
  stopFor(halt: Halt): void {
    this.#cut = halt;
  }

  goOn(): void {
    this.#cut = undefined;
  }

  facts() {
    const { used } = this.#log;
    const code = this.halt()?.code ?? (this.#isNearlyFull() ? 'AUDIT_NEARLY_FULL' : undefined);
    return { ...used, ...(code === undefined ? {} : { code }) };
  }

  /** On the record before the act; throws while it cannot be, and then the act must not be done. */
  async shared(type: 'supplied' | 'received' | 'receipt', sharing: Sharing): Promise<void> {
    const fields = this.#fieldsOf(sharing);
    if (this.#members.note(this.#actOf(type, sharing, fields)))
      await this.#log.append(type, fields, 'sharing');
    else this.mustBeWritable();
  }

  /** On the record of what has been done already: what cannot be written now is owed. */
  async done(type: 'received' | 'receipt' | 'content', sharing: Sharing): Promise<void> {
    const fields = this.#fieldsOf(sharing);
    if (this.#members.note(this.#actOf(type, sharing, fields))) await this.note(type, fields, 'sharing');
  }

  /** What a member has caused and shares nothing: as many records as its budget has room for, then sums. Never throws. */
  async caused(
    type: string,
    by: Pick<Act, 'member' | 'space' | 'reference'>,
    fields: Details,
  ): Promise<void> {
    if (this.#members.note({ ...by, type, fields })) await this.note(type, fields);
  }

  /** By the party that is not this node; of a receipt, whose it is. */
  #actOf(type: string, { space, requester, supplier, reference }: Sharing, fields: Details): Act {
    const often = type === 'receipt';
    const member = often || supplier === this.#parts.node ? requester : supplier;
    return { type, member, space, reference, fields, often };
  }

  #fieldsOf(sharing: Sharing): Details {
    const { space, requester, supplier, asked } = sharing;
    const agreement = this.#agreement(space);
    return {
      ...sharing,
      asked: microsText(asked * 1000),
      requesterAgency: this.agencyOf(requester, agreement),
      supplierAgency: this.agencyOf(supplier, agreement),
      agreement: agreement ? agreementDigest(agreement) : 'none in force',
      label: agreement ? labelClass(agreement.label) : 'none in force',
    };
  }

  #agreement(space: SpaceId): Agreement | undefined {
    const found = this.#parts.book.inForce(space);
    return isRefusal(found) ? undefined : found;
  }

  agencyOf(node: NodeId, agreement: Agreement | undefined): string {
    if (node === this.#parts.node) return this.#parts.agency;
    return memberAgency(agreement, node);
  }

  /** The agency of a member of any agreement; `unknown` for others. */
  memberAgency(node: NodeId): string {
    const agencies = this.#parts.book.all().map((one) => memberAgency(one, node));
    return agencies.find((agency) => agency !== 'unknown') ?? 'unknown';
  }

  /** A decision, on the record before it takes effect. Throws while it cannot be written. */
  decided(type: string, fields: Details): Promise<void> {
    return this.#log.append(type, fields);
  }

  /** Writes now, or when the log can be written again. Never throws. */
  async note(type: string, fields: Details, weight: 'sharing' | 'decision' = 'decision'): Promise<void> {
    try {
      await this.#log.append(type, fields, weight);
    } catch {
      if (this.#owed.length < maxOwed) this.#owed.push({ type, fields });
    }
  }

  /** Takes from the node's events what belongs on the record. */
  hear(event: AgentEvent): void {
    if (event.type === 'refused') this.#refused(event.code, event.details);
    if (event.type === 'problem') this.#problem(event.space, event.problem.code);
    if (event.type === 'halted' && !event.halt.code.startsWith('AUDIT_'))
      void this.note('halted', { space: event.space, code: event.halt.code });
    const withdrawal = event.type === 'note' ? withdrawals[event.code] : undefined;
    if (withdrawal && event.type === 'note') this.#withdrawal(withdrawal, event.details);
    if (event.type === 'halt.ended' && !event.code.startsWith('AUDIT_'))
      void this.note('halt.ended', { space: event.space, code: event.code });
  }

  /** Of this node's own decision, or of another's. */
  #withdrawal(type: string, details: Details): void {
    const { node, space, seq } = details;
    if (type !== 'withdrawn' || typeof node !== 'string' || typeof space !== 'string')
      return void this.note(type, details);
    const by = { member: parseNodeId(node), space: parseSpaceId(space), reference: `${node}#${seq}-${seq}` };
    void this.caused(type, by, details);
  }

  /** How often in a minute, and of which code; not of which item. */
  #problem(space: SpaceId, code: string): void {
    const first = this.#problems.note(space, { code, space });
    if (first) void this.note('problem', first, 'sharing');
  }

  /** A stranger by its address, a member by its node. */
  #refused(code: string, details: Details): void {
    const { peer, address } = details;
    const agreement =
      typeof details.space === 'string' ? this.#agreement(parseSpaceId(details.space)) : undefined;
    const agency = typeof peer === 'string' ? memberAgency(agreement, peer) : 'unknown';
    const first = this.#refusals.note(String(peer ?? address), { code, ...details, agency });
    if (first) void this.note('refused', first);
  }

  /** Every few seconds: tries again what could not be written, keeps the space, tells when sharing stops and goes on. */
  async tick(): Promise<void> {
    if (this.#log.fault?.code === 'AUDIT_UNWRITABLE') await this.#tryAgain();
    else for (const { type, fields } of this.#owed.splice(0)) await this.note(type, fields);
    if (!this.#log.fault) await this.#noteCounts();
    await this.#retain();
    await this.#tell();
  }

  async #noteCounts(all = false): Promise<void> {
    for (const fields of this.#refusals.due(all)) await this.note('refused', fields);
    for (const fields of this.#problems.due(all)) await this.note('problem', fields, 'sharing');
    for (const { type, fields } of this.#members.due(all)) await this.note(type, fields, 'sharing');
  }

  async #tryAgain(): Promise<void> {
    await this.#log.append('log.resumed', { code: 'AUDIT_UNWRITABLE' }).catch(() => undefined);
  }

  async #retain(): Promise<void> {
    const now = this.#parts.clock.monotonic();
    if (this.#retained !== undefined && now - this.#retained < retainMs) return;
    this.#retained = now;
    await this.#log.retain(this.#parts.retentionMonths).catch(() => undefined);
  }

  async #tell(): Promise<void> {
    const { emit, clock, book } = this.#parts;
    const spaces = book.all().map(({ space }) => space);
    const halt = this.halt();
    const before = this.#stopped;
    if (halt?.code !== before?.code) {
      this.#stopped = halt && { code: halt.code, since: clock.now() };
      if (halt) for (const space of spaces) emit({ type: 'halted', space, halt });
      else if (before) for (const space of spaces) emit({ type: 'halt.ended', space, code: before.code });
      if (halt) await this.note('sharing.stopped', { code: halt.code });
      else if (before)
        await this.note('sharing.resumed', { code: before.code, since: microsText(before.since * 1000) });
    }
    const nearly = this.#isNearlyFull();
    const { bytes, maxBytes } = this.#log.used;
    if (nearly && !this.#warned)
      emit({ type: 'error', code: 'AUDIT_NEARLY_FULL', details: { bytes, maxBytes } });
    this.#warned = nearly;
  }

  #isNearlyFull(): boolean {
    const { bytes, maxBytes } = this.#log.used;
    return bytes >= warnAt * maxBytes;
  }

  /** Writes the counts that are still open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#noteCounts(true);
    await this.note('node.stopped', { node: this.#parts.node });
    await this.#log[Symbol.asyncDispose]();
  }
}

/** Types of the records of what was withdrawn, here and from others: feeds and sequence numbers, no names. */
const withdrawals: Readonly<Record<string, string>> = {
  WITHDRAWAL_BEGUN: 'withdrawal.begun',
  WITHDRAWAL_CONFIRMED: 'withdrawal.confirmed',
  WITHDRAWN: 'withdrawn',
};

const memberAgency = (agreement: Agreement | undefined, node: string): string =>
  agreement?.members.find(({ card }) => card.node === node)?.card.agency ?? 'unknown';
