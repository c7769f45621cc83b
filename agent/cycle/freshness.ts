/**
 * Watches how fresh this node's copy of each author's changes is, and tells when the term of the agreement is over
 * (R13): an event, one record of the log, and `STALE_EXPIRED` in the status until the author's word comes.
 */
import { type Agreement, type Member, memberOf } from '#agent/core/agreement.ts';
import { takesPart } from '#agent/core/agreement-policy.ts';
import type { Details } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import { advance, awaited, type Freshness, freshnessMsOf, validUntil } from '#agent/core/freshness.ts';
import { type NodeId, originKey } from '#agent/core/ids.ts';
import { isRefusal } from '#agent/seal/agreement-book.ts';
import type { AuthorFreshness, FreshnessFacts } from '#agent/status/facts.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { ackedCursor, putFreshness, readFreshness } from './freshness-rows.ts';
import type { NodeSpace } from './node-space.ts';

export interface FreshnessParts {
  readonly own: NodeSpace;
  readonly me: NodeId;
  readonly clock: Clock;
  readonly emit: Emit;
  /** On the record; never throws. */
  readonly record: (type: 'replica.stale' | 'replica.fresh', fields: Details) => Promise<void>;
}

/** How much of a term may pass before the latest moment is written down. */
const notedInTerm = 24;

export class ReplicaFreshness {
  readonly #parts: FreshnessParts;
  readonly #rows = new Map<NodeId, Freshness>();
  readonly #noted = new Map<NodeId, Freshness>();
  #lookedAt: number | undefined;
  #facts: FreshnessFacts | undefined;

  constructor(parts: FreshnessParts) {
    this.#parts = parts;
  }

  /** As of the last look. Undefined where this node reads nobody, or no agreement is in force. */
  facts(): FreshnessFacts | undefined {
    return this.#facts;
  }

  /** Compares what is held with the term of the agreement in force. */
  async look(): Promise<void> {
    const { own, clock } = this.#parts;
    const agreement = own.standing();
    const mono = clock.monotonic();
    const elapsed = mono - (this.#lookedAt ?? mono);
    this.#lookedAt = mono;
    this.#facts = undefined;
    if (isRefusal(agreement)) return;
    const authors = this.#authors(agreement);
    for (const known of this.#rows.keys()) if (!authors.includes(known)) this.#rows.delete(known);
    if (authors.length === 0) return;
    await this.#advance(authors, { freshnessMs: freshnessMsOf(agreement), elapsed });
    await this.#settle(agreement);
    this.#facts = this.#shown(agreement);
  }

  /** Whose changes this node reads. */
  #authors({ members, masterOwner }: Agreement): readonly NodeId[] {
    const { me, clock, own } = this.#parts;
    if (!memberOf(own.agreement(), me)?.roles.includes('subscribe')) return [];
    const now = clock.now();
    const isRead = ({ card }: Member) => masterOwner === undefined || card.node === masterOwner;
    const writes = members.filter((m) => m.roles.includes('publish') && takesPart(m, now) && isRead(m));
    return writes.map(({ card }) => card.node).filter((node) => node !== me);
  }

  async #advance(
    authors: readonly NodeId[],
    term: { readonly freshnessMs: number; readonly elapsed: number },
  ): Promise<void> {
    const { clock } = this.#parts;
    const proofs = await this.#proofs();
    const now = clock.now();
    for (const author of authors) {
      const known = this.#rows.get(author) ?? (await this.#load(author, now));
      this.#rows.set(author, advance(known, { ...term, now, proven: proofs.get(author) }));
    }
  }

  async #load(author: NodeId, now: number): Promise<Freshness> {
    const found = await readFreshness(this.#parts.own.state, author, now);
    if (found) this.#noted.set(author, found);
    return found ?? awaited(now);
  }

  /**
   * When each author signed the newest head that this node has given its receipt for: all up to there is durable here,
   * contents included. Of several lives of a node the latest counts.
   */
  async #proofs(): Promise<ReadonlyMap<NodeId, number>> {
    const { own, me } = this.#parts;
    const mine = (await own.state.receipts()).filter(({ reader }) => reader === me);
    const seqs = new Map(mine.map(({ origin, seq }) => [originKey(origin), seq]));
    const proofs = new Map<NodeId, number>();
    for (const { origin, seq, time } of await own.state.origins()) {
      const whole = (seqs.get(originKey(origin)) ?? 0) >= seq;
      // While its author is busy, what it said when this node last had everything.
      const proven = whole ? time : await own.state.cursor(ackedCursor(origin));
      if (proven > 0) proofs.set(origin.node, Math.max(proven, proofs.get(origin.node) ?? 0));
    }
    return proofs;
  }

  /** Tells what has changed, then writes it down: after a crash in between it is told once more. */
  async #settle(agreement: Agreement): Promise<void> {
    const due = [...this.#rows].filter(([author, row]) => this.#isDue(author, row, agreement));
    if (due.length === 0) return;
    const turned = due.filter(([author, row]) => row.stale !== (this.#noted.get(author)?.stale ?? false));
    await this.#tell(
      agreement,
      'replica.stale',
      turned.filter(([, { stale }]) => stale),
    );
    await this.#tell(
      agreement,
      'replica.fresh',
      turned.filter(([, { stale }]) => !stale),
    );
    const batch = this.#parts.own.state.batch();
    for (const [author, row] of due) putFreshness(batch, author, row);
    await batch.commit();
    for (const [author, row] of due) this.#noted.set(author, row);
  }

  #isDue(author: NodeId, row: Freshness, agreement: Agreement): boolean {
    const noted = this.#noted.get(author);
    if (!noted || noted.stale !== row.stale || noted.synced !== row.synced) return true;
    return !row.stale && row.seen - noted.seen >= freshnessMsOf(agreement) / notedInTerm;
  }

  async #tell(
    agreement: Agreement,
    type: 'replica.stale' | 'replica.fresh',
    turned: readonly (readonly [NodeId, Freshness])[],
  ): Promise<void> {
    const { own, emit, record } = this.#parts;
    if (turned.length === 0) return;
    const agencies = turned.map(([node]) => memberOf(agreement, node)?.card.agency ?? node);
    const synced = turned.map(([, row]) => row.synced ?? 0);
    const { space } = own;
    const { name, freshnessHours } = agreement;
    const fields = { space, authors: turned.length, agencies: agencies.join(' '), freshnessHours };
    const lastSyncedAt = timeText(Math.min(...synced));
    await record(type, { ...fields, lastSyncedAt });
    const details = { ...fields, name, lastSyncedAt };
    if (type === 'replica.stale') emit({ type: 'error', code: 'STALE_EXPIRED', details });
    else emit({ type: 'note', code: 'REPLICA_FRESH', details });
  }

  #shown(agreement: Agreement): FreshnessFacts {
    const freshnessMs = freshnessMsOf(agreement);
    const authors = new Map<NodeId, AuthorFreshness>();
    for (const [node, row] of this.#rows) {
      const { synced, stale } = row;
      const until = validUntil(row, freshnessMs);
      authors.set(node, {
        validUntil: until,
        stale,
        ...(synced === undefined ? {} : { lastSyncedAt: synced }),
      });
    }
    return { freshnessHours: agreement.freshnessHours, authors };
  }
}

const timeText = (ms: number): string => (ms === 0 ? 'never' : new Date(ms).toISOString());
