/** One space as this node holds it, agent or relay: its feeds, who may write to them, and who is told. */

import type { LocalChunks } from '#agent/apply/local-chunks.ts';
import { type Agreement, agreementDigest } from '#agent/core/agreement.ts';
import { partnerOf } from '#agent/core/agreement-policy.ts';
import { DongboError, type Halt } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import { hexText, type NodeId, type Origin, parseIncarnation, type SpaceId } from '#agent/core/ids.ts';
import type { Head, Segment } from '#agent/core/segment.ts';
import type { EventHub } from '#agent/exchange/event-hub.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { State } from '#agent/feed/state.ts';
import { type AgreementBook, isRefusal, type Refusal } from '#agent/seal/agreement-book.ts';
import type { Identity } from '#agent/seal/identity.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Random } from '#agent/sys/random.ts';
import { Acceptor, type Fork } from './accept.ts';
import { Receipts } from './receipts.ts';

export interface NodeParts {
  readonly identity: Identity;
  readonly state: State;
  readonly book: AgreementBook;
  readonly hub: EventHub;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  /** Why nothing may be shared now, whatever the agreement says. */
  readonly halt?: () => Halt | undefined;
}

/** What an agent does more than a relay with what arrives. */
export interface Intake {
  take(segment: Segment, head: Head): Promise<void>;
  /** Something arrived that a turn may be able to use. */
  arrived(): void;
  /** A new life began; the index may be empty now. */
  rejoined?(): void;
  /** Receipts of others came: some may confirm what this node waits for. */
  receiptsMoved?(): void;
  /** Members came, went or were approved anew. */
  readersMoved?(): void;
  /** Whether the folder was looked through and nothing is halted: what the feed says is what the folder holds. */
  current?(): boolean;
  /** Serves sealed chunks out of the folder's own files. */
  readonly local?: LocalChunks;
}

export class NodeSpace {
  readonly space: SpaceId;
  readonly state: SpaceState;
  readonly acceptor: Acceptor;
  readonly receipts: Receipts;
  readonly #parts: NodeParts;
  #origin: Origin;
  #rejoining: Promise<boolean> | undefined;
  #intake: Intake;
  /** Digest of the agreement under which peers were last heard. */
  #heard: string | undefined;
  /** Others wait for a first record of this node's feed (R13). */
  wordDue = false;
  /** Called when something should go out: a published segment, a receipt. */
  #outward: () => void = () => undefined;

  private constructor(space: SpaceId, parts: NodeParts, origin: Origin) {
    this.space = space;
    this.#parts = parts;
    this.#origin = origin;
    this.state = parts.state.space(space);
    const { identity, clock, emit } = parts;
    const agreement = () => this.agreement();
    const formerly = (node: NodeId) => parts.book.formerly(space, node);
    const moved = () => this.#receiptsMoved();
    const isPast = ({ node, incarnation }: Origin) =>
      node === identity.node && incarnation !== this.#origin.incarnation;
    const of = { space, identity, state: this.state, agreement, formerly };
    this.receipts = new Receipts({ ...of, clock, isPast, moved });
    this.#intake = { take: (segment, head) => this.#append(segment, head), arrived: () => undefined };
    this.acceptor = new Acceptor({
      space,
      me: identity.node,
      state: this.state,
      agreement,
      formerly,
      myOrigin: () => this.#origin,
      take: async (segment, head) => {
        await this.#intake.take(segment, head);
        this.announce(head.origin, head.seq);
        this.#intake.arrived();
      },
      forked: (head, how) => this.#rejoin(head, how),
      emit,
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
    });
  }

  static async open(space: SpaceId, parts: NodeParts): Promise<NodeSpace> {
    if (await parts.state.getMeta(forgettingKey(space))) await forget(space, parts);
    return new NodeSpace(space, parts, {
      node: parts.identity.node,
      incarnation: await incarnationOf(space, parts),
    });
  }

  /** This node's feed in its present life. */
  get origin(): Origin {
    return this.#origin;
  }

  /** Hands what arrives to an agent's intake instead of only storing it. */
  useIntake(intake: Intake): void {
    this.#intake = intake;
  }

  /** Chunks out of this node's own files; undefined on a relay. */
  get local(): LocalChunks | undefined {
    return this.#intake.local;
  }

  isCurrent(): boolean {
    return this.#parts.halt?.() === undefined && (this.#intake.current?.() ?? true);
  }

  onOutward(outward: () => void): void {
    this.#outward = outward;
  }

  standing(): Agreement | Refusal {
    return this.#parts.book.inForce(this.space);
  }

  /** The agreement in force. Throws its refusal code when there is none: nothing flows without one (R12). */
  agreement(): Agreement {
    const found = this.standing();
    if (isRefusal(found)) throw new DongboError(found.code, found.details, { retry: 'after-change' });
    return found;
  }

  /** Under which revision an author's records were agreed to: that in force, or the last by which it was a publisher. */
  agreementOf(author: NodeId): Agreement {
    return this.#parts.book.formerly(this.space, author) ?? this.agreement();
  }

  /** Whether that is still what is in force: who may read, and under which keys. */
  isUnder(agreement: Agreement): boolean {
    const found = this.standing();
    return !isRefusal(found) && agreementDigest(found) === agreementDigest(agreement);
  }

  isMember(node: NodeId): boolean {
    const found = this.standing();
    return !isRefusal(found) && partnerOf(found, node, this.#parts.clock.now()) !== undefined;
  }

  /** A peer has said under the agreement in force what it holds: of this node's own feed, too. */
  heardOf(): void {
    this.#heard = agreementDigest(this.agreement());
  }

  /**
   * Whether what this node writes follows on what its peers hold of it, as far as they were asked: a restored node that
   * writes before it hears of its later life would leave its index behind (`#beginLife`).
   */
  wasHeard(): boolean {
    return this.#heard === agreementDigest(this.agreement());
  }

  /** Tells held-open streams that a feed moved, and our own links that there is something to send. */
  announce(origin: Origin, seq: number): void {
    this.#parts.hub.publish({ space: this.space, origin, seq });
    this.#outward();
  }

  /** Asks everybody to look at this space again: receipts moved, or chunks are wanted. */
  async announceAll(): Promise<void> {
    for (const { origin, seq } of await this.state.origins())
      this.#parts.hub.publish({ space: this.space, origin, seq });
  }

  arrived(): void {
    this.#intake.arrived();
  }

  /** Others read what this node publishes than before: earlier epochs may be due to them. */
  readersMoved(): void {
    this.#intake.readersMoved?.();
    this.#intake.arrived();
    this.#outward();
  }

  #receiptsMoved(): void {
    this.#intake.receiptsMoved?.();
    void this.announceAll().catch(() => undefined);
    this.#outward();
  }

  async #append(segment: Segment, head: Head): Promise<void> {
    const batch = this.state.batch();
    await batch.append(segment, head);
    await batch.commit();
  }

  /**
   * This node was cloned, or restored from an old image: it never writes to that feed again, reads it back like
   * anybody's, and begins a new life (invariant 11). When it had already written beside what peers hold, its index
   * rests on a feed that nobody else has: it is made anew from the peers' feeds and the folder itself, so that what is
   * only here is published as an edit of the new life.
   */
  async #rejoin(head: Head, how: Fork): Promise<boolean> {
    // Several peers may tell the same at once: one new life is enough.
    this.#rejoining ??= this.#beginLife(head, how).finally(() => {
      this.#rejoining = undefined;
    });
    return this.#rejoining;
  }

  /**
   * When peers hold several histories of one old life, each of them shows that this node's index is not of it. It is
   * made anew for the first; after that the fault is theirs to see, and false is returned.
   */
  async #beginLife(head: Head, how: Fork): Promise<boolean> {
    const { random, state, emit } = this.#parts;
    const parted = partedKey(head.space, head.origin);
    if (how === 'apart' && (await state.getMeta(parted)) !== undefined) return false;
    const incarnation = parseIncarnation(hexText(random.bytes(8)));
    await state.putMeta(incarnationKey(this.space), incarnation);
    // From here on nothing is written to the old feed, so what is forgotten stays forgotten.
    this.#origin = { node: this.#origin.node, incarnation };
    if (how === 'apart') await forget(this.space, this.#parts, parted);
    emit({ type: 'note', code: 'FEED_REJOINED', details: { space: this.space, seq: head.seq } });
    this.#intake.rejoined?.();
    this.#intake.arrived();
    // Who reads us looks again, and brings what we lack of our old lives.
    this.announce(this.#origin, 0);
    return true;
  }
}

const forgettingKey = (space: SpaceId): string => `forgetting/${space}`;

/** There is one for each life that was left apart: as many as there were restores. */
const partedKey = (space: SpaceId, origin: Origin): string => `parted/${space}/${origin.incarnation}`;

/** The mark lets a start after a crash finish what was begun; `parted` is kept once that is certain. */
async function forget(space: SpaceId, { state }: Pick<NodeParts, 'state'>, parted?: string): Promise<void> {
  await state.putMeta(forgettingKey(space), 'yes');
  if (parted !== undefined) await state.putMeta(parted, 'yes');
  await state.space(space).forget();
  await state.putMeta(forgettingKey(space), '');
}

const incarnationKey = (space: SpaceId): string => `incarnation/${space}`;

async function incarnationOf(space: SpaceId, { state, random }: NodeParts) {
  const known = await state.getMeta(incarnationKey(space));
  if (known !== undefined) return parseIncarnation(known);
  const fresh = parseIncarnation(hexText(random.bytes(8)));
  await state.putMeta(incarnationKey(space), fresh);
  return fresh;
}
