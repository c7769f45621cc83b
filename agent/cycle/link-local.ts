/** What this node gives to its links, and takes from them, over feed, keyring and files. */
import { memberOf } from '#agent/core/agreement.ts';
import { headSigned } from '#agent/core/head-codec.ts';
import { type ChunkId, type NodeId, type Origin, parseDigest, type SpaceId } from '#agent/core/ids.ts';
import { type Head, lastSeq, type Receipt, type Segment } from '#agent/core/segment.ts';
import { pushSegmentBytes } from '#agent/exchange/limits.ts';
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
    return (await own.state.position(origin))?.seq ?? 0;
  }

  async accept(space: SpaceId, peer: NodeId, segments: AsyncIterable<Segment>, head: Head): Promise<void> {
    await this.#parts.space(space).acceptor.accept(peer, segments, head);
  }

  async offers(space: SpaceId): Promise<readonly Head[]> {
    const own = this.#parts.space(space);
    const head = await own.state.head(own.origin);
    return head ? [head] : [];
  }

  async *outgoing(space: SpaceId, origin: Origin, from: number): AsyncGenerator<Outgoing> {
    let gathered: Segment[] = [];
    let bytes = 0;
    for await (const segment of this.#parts.space(space).state.segments(origin, from)) {
      const size = sizeOf(segment);
      if (gathered.length > 0 && bytes + size > pushSegmentBytes) {
        yield this.#stretch(space, gathered);
        gathered = [];
        bytes = 0;
      }
      gathered.push(segment);
      bytes += size;
    }
    if (gathered.length > 0) yield this.#stretch(space, gathered);
  }

  /** A head is signed for the stretch itself: what is sent proves itself without the rest of the feed. */
  #stretch(space: SpaceId, segments: readonly Segment[]): Outgoing {
    const { identity, keyring } = this.#parts;
    const { state } = this.#parts.space(space);
    const last = segments.at(-1) as Segment;
    const { origin, time } = last.header;
    const digest = parseDigest(sha256(last.headerBytes));
    const unsigned = { space, origin, seq: lastSeq(last.header), digest, time };
    const head: Head = { ...unsigned, signature: identity.sign('head', headSigned(unsigned)) };
    async function* chunkIds() {
      for (const segment of segments) yield* chunkIdsOf(segment, state, keyring);
    }
    return { segments, head, chunkIds };
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

const sizeOf = (segment: Segment): number =>
  segment.headerBytes.length + segment.bodies.reduce((sum, body) => sum + (body?.length ?? 0), 0);
