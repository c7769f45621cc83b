/** What others wrote: checked against the agreement, the chain and the signatures, then taken into the feed. */
import { type Agreement, memberOf } from '#agent/core/agreement.ts';
import { takesPart } from '#agent/core/agreement-policy.ts';
import { agreedDigests } from '#agent/core/amendment.ts';
import { DongboError, isCode } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import { type NodeId, type Origin, originKey, parseDigest, type SpaceId } from '#agent/core/ids.ts';
import { type Head, lastSeq, type Segment } from '#agent/core/segment.ts';
import type { Position } from '#agent/feed/feed-store.ts';
import { Mutex } from '#agent/feed/mutex.ts';
import { checkHead, checkSegment } from '#agent/feed/segment-check.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import { verifierOf } from '#agent/seal/space-verify.ts';
import { sha256 } from '#agent/seal/verify.ts';
import { livesOf } from './lives.ts';
import { keepHeads } from './renew-heads.ts';

/** `behind`: the peer holds more of our feed than we do. `apart`: it holds another feed than we do. */
export type Fork = 'behind' | 'apart';

export interface AcceptParts {
  readonly space: SpaceId;
  readonly me: NodeId;
  readonly state: SpaceState;
  readonly agreement: () => Agreement;
  /** The last revision under which a member that has left, or may write no more, published (`AgreementBook.formerly`). */
  readonly formerly: (node: NodeId) => Agreement | undefined;
  /** This life's feed; another life of this node's (before a restore) is taken in like anybody's. */
  readonly myOrigin: () => Origin;
  /** Takes one checked segment in, in one atomic batch. */
  readonly take: (segment: Segment, head: Head) => Promise<void>;
  /**
   * A peer holds more of our own feed than we do: this node is a clone, or restored from an old image. False when that
   * has been dealt with and nothing more can be done.
   */
  readonly forked: (head: Head, how: Fork) => Promise<boolean>;
  readonly emit: Emit;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly monotonic: () => number;
}

/**
 * A body that is not there is honest when a later record has its tag, and that record may be on its way: a part of a
 * feed is judged by what follows it. What has still not come after so long is withheld.
 */
export const withheldMs = 5 * 60_000;

export class Acceptor {
  readonly #parts: AcceptParts;
  /** First segments are taken one at a time, so that lives are counted rightly. */
  readonly #births = new Mutex();
  /** By feed: the first body that is missing, and since when (monotonic ms). */
  readonly #missing = new Map<string, { readonly seq: number; readonly since: number }>();

  constructor(parts: AcceptParts) {
    this.#parts = parts;
  }

  /** Segments of one feed, in order, with the head at the last of them. Throws SEGMENT_REFUSED, FEED_GAP, FEED_FORK. */
  async accept(
    from: NodeId,
    segments: AsyncIterable<Segment> | Iterable<Segment>,
    head: Head,
  ): Promise<number> {
    this.#checkHead(head);
    if (this.#isMine(head.origin)) {
      await this.checkOwn(head);
      // Unless that life is over now, nothing of it is taken from others.
      if (this.#isMine(head.origin)) return 0;
    }
    const end = (await this.endOf(head.origin)) ?? head;
    let records = 0;
    for await (const segment of segments) {
      // What lies beyond its head, of an author that publishes, is refused below.
      if (end !== head && lastSeq(segment.header) > end.seq) break;
      if (end !== head && lastSeq(segment.header) === end.seq && sha256(segment.headerBytes) !== end.digest)
        throw new DongboError('FEED_FORK', { space: head.space, node: head.origin.node, seq: end.seq });
      const known = await this.#parts.state.position(head.origin);
      const held = lastSeq(segment.header) <= (known?.seq ?? 0);
      // A segment that is held may still bring a body that an earlier peer left out.
      if (held && (await this.#parts.state.owed(head.origin)) === undefined) continue;
      if (!(await this.#takeChecked(segment, head, known))) return records;
      if (!held) records += segment.header.entries.length;
    }
    if (records > 0) this.#parts.emit({ type: 'received', space: this.#parts.space, from, records });
    if (end !== head) return records;
    await this.renewed([head]);
    await this.#checkWhole(from, head);
    return records;
  }

  /** False when it shows that this node wrote beside what the peer holds, in a life that it has left. */
  async #takeChecked(segment: Segment, head: Head, known: Position | undefined): Promise<boolean> {
    const { take } = this.#parts;
    try {
      this.#check(segment, head, known);
      if (known) await take(segment, head);
      else await this.#births.run(() => this.#begin(segment, head));
      return true;
    } catch (error) {
      if (head.origin.node !== this.#parts.me || !isCode(error, 'FEED_FORK')) throw error;
      if (!(await this.#parts.forked(head, 'apart'))) throw error;
      return false;
    }
  }

  /** Heads that verify and are younger than the ones held of the same records. */
  async renewed(heads: readonly Head[]): Promise<void> {
    const { state, now } = this.#parts;
    await keepHeads(
      state,
      heads.filter((head) => !this.#isMine(head.origin)),
      now(),
    );
  }

  async #begin(segment: Segment, head: Head): Promise<void> {
    const most = livesOf(this.#parts.agreement());
    if (!(await this.mayHold(head.origin))) throw refused(`must be one of ${most} feeds of its node`, head);
    await this.#parts.take(segment, head);
  }

  /** Whether the feed is held here, or its node has not yet as many feeds as it may have. */
  async mayHold(origin: Origin): Promise<boolean> {
    const { state, agreement } = this.#parts;
    if (await state.position(origin)) return true;
    return (await state.lives(origin.node)) < livesOf(agreement());
  }

  #isMine(origin: Origin): boolean {
    const mine = this.#parts.myOrigin();
    return origin.node === mine.node && origin.incarnation === mine.incarnation;
  }

  /**
   * A head of our own feed, signed by us, that is not on the feed that we hold: someone lives our life beside us, or
   * this state is an old image of it.
   */
  async checkOwn(head: Head): Promise<void> {
    if (!this.#isMine(head.origin)) return;
    this.#checkHead(head);
    const { state, forked } = this.#parts;
    const held = (await state.position(head.origin))?.seq ?? 0;
    if (head.seq > held) return void (await forked(head, 'behind'));
    for await (const segment of state.segments(head.origin, head.seq)) {
      if (lastSeq(segment.header) === head.seq && sha256(segment.headerBytes) === head.digest) return;
      break;
    }
    await forked(head, 'apart');
  }

  /**
   * Where a feed ends for this node; undefined while its author publishes. Of who does so no more it is as far as a
   * member that stays has signed that it holds it: who has left could still write under the old revision, and date it
   * back.
   */
  async endOf(of: Origin): Promise<Position | undefined> {
    const { state, agreement, formerly } = this.#parts;
    if (publishes(agreement(), of.node)) return undefined;
    if (!formerly(of.node)) return nothing;
    const key = originKey(of);
    const words = (await state.receipts()).filter(
      ({ reader, origin }) => originKey(origin) === key && memberOf(agreement(), reader) !== undefined,
    );
    return words.reduce<Position>((most, each) => (each.seq > most.seq ? each : most), nothing);
  }

  publishes(node: NodeId): boolean {
    return publishes(this.#parts.agreement(), node);
  }

  /** Whether it publishes here, or ever did. */
  isHeardOf(node: NodeId): boolean {
    const { agreement, formerly } = this.#parts;
    return publishes(agreement(), node) || formerly(node) !== undefined;
  }

  /** Whether a publisher of the agreement signed it, for this space. Throws when there is no agreement in force. */
  isGenuine(head: Head): boolean {
    try {
      this.#checkHead(head);
      return true;
    } catch (error) {
      if (isCode(error, 'SEGMENT_REFUSED')) return false;
      throw error;
    }
  }

  #checkHead(head: Head): void {
    const { space } = this.#parts;
    checkHead(head, { verify: verifierOf(this.#under(head)), space });
  }

  /** By which revision an author's records are judged: that in force, or the last by which it was a publisher. */
  #under(head: Head): Agreement {
    const { agreement, formerly } = this.#parts;
    const now = agreement();
    const found = publishes(now, head.origin.node) ? now : formerly(head.origin.node);
    if (!found) throw refused('must be of a publisher of the agreement', head);
    return found;
  }

  #check(segment: Segment, head: Head, after: Position | undefined): void {
    checkAuthored(this.#under(head), { segment, head, after });
  }

  /** The record of a feed whose body should have come by now and has not; undefined when there is none. */
  async withheld(origin: Origin): Promise<number | undefined> {
    const { state, monotonic } = this.#parts;
    const seq = await state.owed(origin);
    const key = originKey(origin);
    const known = this.#missing.get(key);
    if (seq === undefined) this.#missing.delete(key);
    else if (known?.seq !== seq) this.#missing.set(key, { seq, since: monotonic() });
    else if (monotonic() - known.since >= withheldMs) return seq;
    return undefined;
  }

  /**
   * A body left out must be superseded by a later record; else the peer withholds something (invariant 8). Not from its
   * author: what that has not brought nobody has, and its next push may bring what excuses it. Nor of
   * an author that has left: there it may lie beyond the end.
   */
  async #checkWhole(from: NodeId, head: Head): Promise<void> {
    const { state, space } = this.#parts;
    if (((await state.position(head.origin))?.seq ?? 0) < head.seq) return;
    const seq = await this.withheld(head.origin);
    if (seq === undefined || from === head.origin.node) return;
    throw new DongboError(
      'FEED_WITHHELD',
      { space, node: head.origin.node, peer: from, seq },
      { retry: 'later' },
    );
  }
}

/** What every node checks of a segment by the agreement; its author before it is written, others before it is kept. */
export function checkAuthored(
  agreement: Agreement,
  {
    segment,
    head,
    after,
  }: { readonly segment: Segment; readonly head: Head; readonly after: Position | undefined },
): void {
  const { header } = segment;
  if (originKey(header.origin) !== originKey(head.origin))
    throw refused('must be of the feed it was sent as', head);
  if (lastSeq(header) > head.seq) throw refused('must lie within its head', head);
  const author = memberOf(agreement, header.origin.node);
  if (!author || !takesPart(author, header.time))
    throw refused("must be written while the approval of its author's system is valid", head);
  const verify = verifierOf(agreement);
  const { space } = agreement;
  checkSegment(segment, { verify, space, agreements: agreedDigests(agreement), after });
}
const nothing: Position = { seq: 0, digest: parseDigest('00'.repeat(32)) };

const publishes = (agreement: Agreement, node: NodeId): boolean =>
  memberOf(agreement, node)?.roles.includes('publish') ?? false;

const refused = (rule: string, head: Head) =>
  new DongboError('SEGMENT_REFUSED', { space: head.space, rule, node: head.origin.node, seq: head.seq });
