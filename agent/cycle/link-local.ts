/** What this node gives to its links, and takes from them, over feed, keyring and files. */
import { memberOf } from '#agent/core/agreement.ts';
import { isCode } from '#agent/core/errors.ts';
import { headSigned } from '#agent/core/head-codec.ts';
import { type ChunkId, type NodeId, type Origin, originKey, type SpaceId } from '#agent/core/ids.ts';
import { feedPlace } from '#agent/core/problem-place.ts';
import { type Head, lastSeq, type Receipt, type Segment } from '#agent/core/segment.ts';
import { type AuditWords, noWords } from '#agent/exchange/audit-words.ts';
import type { Lacks, LinkLocal, Outgoing, Refused } from '#agent/exchange/link-local.ts';
import type { HeadsReply, Wanted } from '#agent/exchange/peer.ts';
import type { Identity } from '#agent/seal/identity.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import { sha256 } from '#agent/seal/verify.ts';
import { chunkIdsOf, largeBytes, openOwn } from './content-ids.ts';
import { Drops } from './drops.ts';
import { heardHeads } from './heard-heads.ts';
import type { NodeSpace } from './node-space.ts';
import type { PeerBook } from './peer-book.ts';

export interface LinkLocalParts {
  readonly identity: Identity;
  readonly keyring: Keyring;
  readonly peers: PeerBook;
  readonly space: (id: SpaceId) => NodeSpace;
}

/** A receipt that does not verify says nothing: of a member that has left, or of the peer's invention. */
function unlessRefused(error: unknown): void {
  if (!isCode(error, 'SEGMENT_REFUSED')) throw error;
}

/** First number of a segment of which large contents are still to be brought to a peer; 0 when there is none. */
const laterCursor = (peer: NodeId, origin: Origin): string => `later/${peer}/${originKey(origin)}`;

export class NodeLinkLocal implements LinkLocal {
  readonly #parts: LinkLocalParts;
  readonly #drops = new Drops();

  constructor(parts: LinkLocalParts) {
    this.#parts = parts;
  }

  /** The log stands before this: `audited-link-local.ts`. */
  async auditWords(): Promise<AuditWords> {
    return noWords;
  }

  async peerHolds(space: SpaceId, peer: NodeId, reply: HeadsReply): Promise<HeadsReply> {
    const own = this.#parts.space(space);
    // What its author has not signed is the peer's invention: the status does not show it, and no life ends by it.
    const { genuine: heads, forged } = await heardHeads(own, reply.heads);
    // They may say where the feed of an author ends that has left.
    await own.receipts.accept(peer, reply.receipts).catch(unlessRefused);
    this.#parts.peers.noteHeads(peer, space, await counted(own, heads));
    for (const head of heads) await own.acceptor.checkOwn(head);
    await own.acceptor.renewed(heads);
    own.heardOf();
    own.arrived();
    return { ...reply, heads: forged ? [...heads, forged] : heads };
  }

  /** A node that may not read the space fetches nothing of it; its own feed comes from nobody else. */
  async held(space: SpaceId, origin: Origin): Promise<number | undefined> {
    const own = this.#parts.space(space);
    const me = memberOf(own.agreement(), this.#parts.identity.node);
    if (!me?.roles.some((role) => role !== 'publish')) return undefined;
    if (origin.node === own.origin.node && origin.incarnation === own.origin.incarnation) return undefined;
    // Peers may hold other lives of it than we do; to ask for those at each look would be in vain.
    if (!(await own.acceptor.mayHold(origin))) return undefined;
    const held = (await own.state.position(origin))?.seq ?? 0;
    const end = await own.acceptor.endOf(origin);
    // That somebody keeps more of an author that has left than this node takes is no fault, and nothing to ask for.
    if (end) return held < end.seq ? held : undefined;
    // A body that some peer withholds is asked for again, from whoever answers next.
    const withheld = await own.acceptor.withheld(origin);
    return withheld === undefined ? held : withheld - 1;
  }

  async accept(space: SpaceId, peer: NodeId, segments: AsyncIterable<Segment>, head: Head): Promise<void> {
    await this.#parts.space(space).acceptor.accept(peer, segments, head);
  }

  /** A member that only publishes gets nothing of others: it could not read it, and has no part in carrying it. */
  async offers(space: SpaceId, peer: NodeId): Promise<readonly Head[]> {
    const own = this.#parts.space(space);
    if (!memberOf(own.agreement(), peer)?.roles.some((role) => role !== 'publish')) return [];
    const head = await own.state.head(own.origin);
    return head ? [head] : [];
  }

  /** One segment at a time: readers can start on it while the content of the next is still on its way. */
  async *outgoing(
    space: SpaceId,
    origin: Origin,
    from: number,
    _signal: AbortSignal,
    peer: NodeId,
  ): AsyncGenerator<Outgoing> {
    await this.#parts.space(space).state.notePushedTo(peer);
    for await (const segment of this.#parts.space(space).state.segments(origin, from)) {
      yield this.#stretch(space, segment);
    }
  }

  /** A head is signed for the stretch itself: what is sent proves itself without the rest of the feed. */
  #stretch(space: SpaceId, segment: Segment): Outgoing {
    const { identity, keyring } = this.#parts;
    const own = this.#parts.space(space);
    const { state } = own;
    const { origin, time } = segment.header;
    const digest = sha256(segment.headerBytes);
    const unsigned = { space, origin, seq: lastSeq(segment.header), digest, time };
    const head: Head = {
      ...unsigned,
      signature: identity.sign(own.agreement().suite, 'head', headSigned(unsigned)),
    };
    let large = false;
    const only = (bytes: number): boolean => {
      if (bytes > largeBytes) large = true;
      return bytes <= largeBytes;
    };
    const chunkIds = (lacks: Lacks) => chunkIdsOf(segment, { state, keyring, lacks, only });
    return { segments: [segment], head, chunkIds, hasLarge: () => large };
  }

  async later(space: SpaceId, peer: NodeId): Promise<readonly number[]> {
    const { state, origin } = this.#parts.space(space);
    const from = await state.cursor(laterCursor(peer, origin));
    if (from === 0) return [];
    const firsts: number[] = [];
    for await (const segment of state.segments(origin, from))
      if (await this.#holdsLarge(segment)) firsts.push(segment.header.first);
    return firsts;
  }

  async #holdsLarge(segment: Segment): Promise<boolean> {
    for (const body of segment.bodies) {
      const state = body && (await openOwn(segment, body, this.#parts.keyring))?.change.state;
      if (state?.kind === 'file' && state.size > largeBytes) return true;
    }
    return false;
  }

  async putOff(space: SpaceId, peer: NodeId, first: number | undefined): Promise<void> {
    const { state, origin } = this.#parts.space(space);
    const batch = state.batch();
    batch.setCursor(laterCursor(peer, origin), first ?? 0);
    await batch.commit();
  }

  async *largeIds(space: SpaceId, origin: Origin, first: number, lacks: Lacks): AsyncGenerator<ChunkId> {
    const { state } = this.#parts.space(space);
    const only = (bytes: number): boolean => bytes > largeBytes;
    for await (const segment of state.segments(origin, first))
      return yield* chunkIdsOf(segment, { state, keyring: this.#parts.keyring, lacks, only });
  }

  async setAside(space: SpaceId, peer: NodeId, what: Refused, code: string): Promise<void> {
    const { state, origin } = this.#parts.space(space);
    const path =
      'chunk' in what ? await this.#pathOf(space, what.chunk) : await this.#pathIn(space, what.body);
    const place = feedPlace(origin.node, 'seq' in what ? what.seq : undefined);
    const batch = state.batch();
    batch.putProblem({ code: 'ITEM_NOT_TAKEN', path: path ?? place, details: { peer, refusal: code } });
    await batch.commit();
  }

  async #pathOf(space: SpaceId, chunk: ChunkId): Promise<string | undefined> {
    return (await this.#parts.space(space).state.locations(chunk))[0]?.path;
  }

  async #pathIn(space: SpaceId, body: Uint8Array | undefined): Promise<string | undefined> {
    const { origin } = this.#parts.space(space);
    const header = { space, origin };
    return body && (await openOwn({ header }, body, this.#parts.keyring))?.change.path;
  }

  async returns(space: SpaceId, peer: NodeId): Promise<readonly Head[]> {
    const { state, acceptor } = this.#parts.space(space);
    const heads: Head[] = [];
    // To a member that does not publish any more its own feed is no news that it could use.
    if (!acceptor.publishes(peer)) return heads;
    for (const head of await state.origins()) {
      if (head.origin.node === peer && (await state.owed(head.origin)) === undefined) heads.push(head);
    }
    return heads;
  }

  returned(space: SpaceId, origin: Origin, from: number): AsyncIterable<Segment> {
    return this.#parts.space(space).state.segments(origin, from);
  }

  async sealed(space: SpaceId, { author, id }: Wanted): Promise<Uint8Array | undefined> {
    return (await this.#parts.space(space).local?.sealedById(author, id))?.sealed;
  }

  async isLargeList(space: SpaceId, id: ChunkId): Promise<boolean> {
    const { state } = this.#parts.space(space);
    for (const place of await state.locations(id)) {
      const held = 'list' in place && (await state.row(place.path))?.local?.state;
      if (held && held.kind === 'file' && held.size > largeBytes) return true;
    }
    return false;
  }

  async receipts(space: SpaceId): Promise<readonly Receipt[]> {
    const own = this.#parts.space(space);
    return (await own.state.receipts()).filter((r) => r.reader === this.#parts.identity.node);
  }

  drops(space: SpaceId, peer: NodeId): Promise<readonly ChunkId[]> {
    return this.#drops.due(this.#parts.space(space), peer);
  }

  brings(space: SpaceId, peer: NodeId): Promise<void> {
    return this.#parts.space(space).state.notePushedTo(peer);
  }

  dropped(space: SpaceId, peer: NodeId, ids: readonly ChunkId[]): Promise<void> {
    return this.#drops.done(this.#parts.space(space), peer, ids);
  }

  async delivered(space: SpaceId, peer: NodeId, head: Head): Promise<void> {
    this.#parts.peers.noteHolds(peer, space, head.origin, head.seq);
  }
}

/** As far as each feed counts here. */
async function counted({ acceptor }: NodeSpace, heads: readonly Head[]): Promise<readonly Head[]> {
  const ends = await Promise.all(heads.map(({ origin }) => acceptor.endOf(origin)));
  return heads.map((head, i) => ({ ...head, seq: Math.min(head.seq, ends[i]?.seq ?? head.seq) }));
}
