/** What this node gives to its links, and takes from them, over feed, keyring and files. */
import { memberOf } from '#agent/core/agreement.ts';
import { headSigned } from '#agent/core/head-codec.ts';
import type { ChunkId, NodeId, Origin, SpaceId } from '#agent/core/ids.ts';
import { type Head, lastSeq, type Receipt, type Segment } from '#agent/core/segment.ts';
import type { LinkLocal, Outgoing } from '#agent/exchange/link-local.ts';
import type { HeadsReply } from '#agent/exchange/peer.ts';
import type { Identity } from '#agent/seal/identity.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import { sha256 } from '#agent/seal/verify.ts';
import { chunkIdsOf } from './content-ids.ts';
import type { NodeSpace } from './node-space.ts';
import type { PeerBook } from './peer-book.ts';

export interface LinkLocalParts {
  readonly identity: Identity;
  readonly keyring: Keyring;
  readonly peers: PeerBook;
  readonly space: (id: SpaceId) => NodeSpace;
}

export class NodeLinkLocal implements LinkLocal {
  readonly #parts: LinkLocalParts;

  constructor(parts: LinkLocalParts) {
    this.#parts = parts;
  }

  async peerHolds(space: SpaceId, peer: NodeId, reply: HeadsReply): Promise<void> {
    const own = this.#parts.space(space);
    this.#parts.peers.noteHeads(peer, space, reply.heads);
    for (const head of reply.heads) await own.acceptor.checkOwn(head);
    await own.receipts.accept(peer, reply.receipts);
    own.arrived();
  }

  /** A node that may not read the space fetches nothing of it; its own feed comes from nobody else. */
  async held(space: SpaceId, origin: Origin): Promise<number | undefined> {
    const own = this.#parts.space(space);
    const me = memberOf(own.agreement(), this.#parts.identity.node);
    if (!me?.roles.some((role) => role !== 'publish')) return undefined;
    if (origin.node === own.origin.node && origin.incarnation === own.origin.incarnation) return undefined;
    // A body that some peer left out is asked for again, from whoever answers next.
    const owed = await own.state.owed(origin);
    return owed === undefined ? ((await own.state.position(origin))?.seq ?? 0) : owed - 1;
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
  async *outgoing(space: SpaceId, origin: Origin, from: number): AsyncGenerator<Outgoing> {
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
    return { segments: [segment], head, chunkIds: (lacks) => chunkIdsOf(segment, state, keyring, lacks) };
  }

  async sealed(space: SpaceId, id: ChunkId): Promise<Uint8Array | undefined> {
    return (await this.#parts.space(space).local?.sealedById(id))?.sealed;
  }

  async receipts(space: SpaceId): Promise<readonly Receipt[]> {
    const own = this.#parts.space(space);
    return (await own.state.receipts()).filter((r) => r.reader === this.#parts.identity.node);
  }

  async delivered(space: SpaceId, peer: NodeId, head: Head): Promise<void> {
    this.#parts.peers.noteHolds(peer, space, head.origin, head.seq);
  }
}
