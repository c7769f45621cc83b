/** The near end of a link in memory: one node's own feed, its chunks, and what it has taken from others. */
import { type ChunkId, type NodeId, type Origin, type SpaceId, originKey } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { type Head, lastSeq, type Receipt, type Segment } from '#agent/core/segment.ts';
import { type AuditWords, noWords } from '#agent/exchange/audit-words.ts';
import type { Lacks, LinkLocal, Outgoing, Refused } from '#agent/exchange/link-local.ts';
import type { HeadsReply, Wanted } from '#agent/exchange/peer.ts';
import { headAt, originOf, segmentAfter } from './sample-feed.ts';

interface Written {
  readonly segment: Segment;
  readonly needs: readonly ChunkId[];
}

export class MemoryLocal implements LinkLocal {
  readonly node: NodeId;
  readonly origin: Origin;
  readonly written = new Map<SpaceId, Written[]>();
  readonly taken = new Map<string, Segment[]>();
  readonly chunks = new Map<ChunkId, Uint8Array>();
  readonly replies: HeadsReply[] = [];
  /** What is told with each look. */
  audit: AuditWords = noWords;
  readonly ownReceipts: Receipt[] = [];
  /** What was to be sealed, in the order asked. */
  readonly sought: Wanted[] = [];
  readonly delivered_ = new Map<string, number>();
  /** When its newest head was signed again, if it was. */
  signedAt: number | undefined;
  /** Stretches handed out and not yet delivered, at most. */
  ahead = 0;
  mostAhead = 0;

  constructor(node: NodeId) {
    this.node = node;
    this.origin = originOf(node);
  }

  /** Writes one more segment that needs these chunks. */
  write(space: SpaceId, chunks: readonly SealedChunk[] = []): Head {
    const feed = this.written.get(space) ?? [];
    const segment = segmentAfter(space, this.origin, feed.at(-1)?.segment);
    for (const { id, sealed } of chunks) this.chunks.set(id, sealed);
    this.written.set(space, [...feed, { segment, needs: chunks.map(({ id }) => id) }]);
    return headAt(segment);
  }

  seqOf(space: SpaceId, origin: Origin): number {
    const last = this.taken.get(`${space}/${originKey(origin)}`)?.at(-1);
    return last ? lastSeq(last.header) : 0;
  }

  async auditWords(): Promise<AuditWords> {
    return this.audit;
  }

  async peerHolds(_space: SpaceId, _peer: NodeId, reply: HeadsReply): Promise<HeadsReply> {
    this.replies.push(reply);
    return reply;
  }

  async held(space: SpaceId, origin: Origin): Promise<number | undefined> {
    return origin.node === this.node ? undefined : this.seqOf(space, origin);
  }

  async accept(space: SpaceId, _peer: NodeId, segments: AsyncIterable<Segment>, head: Head): Promise<void> {
    const key = `${space}/${originKey(head.origin)}`;
    for await (const segment of segments) {
      if (segment.header.first !== this.seqOf(space, head.origin) + 1) throw new Error('gap');
      this.taken.set(key, [...(this.taken.get(key) ?? []), segment]);
    }
  }

  async offers(space: SpaceId): Promise<readonly Head[]> {
    const last = this.written.get(space)?.at(-1);
    if (!last) return [];
    const head = headAt(last.segment);
    return [{ ...head, time: this.signedAt ?? head.time }];
  }

  async *outgoing(space: SpaceId, _origin: Origin, from: number): AsyncGenerator<Outgoing> {
    for (const { segment, needs } of this.written.get(space) ?? []) {
      if (lastSeq(segment.header) < from) continue;
      this.ahead += 1;
      this.mostAhead = Math.max(this.ahead, this.mostAhead);
      const chunkIds = async function* () {
        yield* needs;
      };
      const hasLarge = () => this.large.has(segment.header.first);
      yield { segments: [segment], head: headAt(segment), chunkIds, hasLarge };
    }
  }

  async returns(space: SpaceId, peer: NodeId): Promise<readonly Head[]> {
    const last = this.taken.get(`${space}/${originKey(originOf(peer))}`)?.at(-1);
    return last ? [headAt(last)] : [];
  }

  async *returned(space: SpaceId, origin: Origin, from: number): AsyncGenerator<Segment> {
    for (const segment of this.taken.get(`${space}/${originKey(origin)}`) ?? []) {
      if (lastSeq(segment.header) >= from) yield segment;
    }
  }

  async sealed(_space: SpaceId, { author, id }: Wanted): Promise<Uint8Array | undefined> {
    this.sought.push({ author, id });
    return author === this.node ? this.chunks.get(id) : undefined;
  }

  /** What lists of large files name. */
  readonly largeLists = new Map<ChunkId, readonly ChunkId[]>();

  async isLargeList(_space: SpaceId, id: ChunkId): Promise<boolean> {
    return this.largeLists.has(id);
  }

  async receipts(space: SpaceId): Promise<readonly Receipt[]> {
    return this.ownReceipts.filter((receipt) => receipt.space === space);
  }

  /** What peers are to drop. */
  readonly owed = new Map<NodeId, ChunkId[]>();

  async drops(_space: SpaceId, peer: NodeId): Promise<readonly ChunkId[]> {
    return (this.owed.get(peer) ?? []).slice(0, 512);
  }

  async brings(): Promise<void> {}

  async dropped(_space: SpaceId, peer: NodeId, ids: readonly ChunkId[]): Promise<void> {
    const left = (this.owed.get(peer) ?? []).filter((id) => !ids.includes(id));
    this.owed.set(peer, left);
  }

  /** By segment: chunks of large files, which come behind all records. */
  readonly large = new Map<number, readonly ChunkId[]>();
  readonly laterFrom = new Map<NodeId, number>();
  readonly aside: unknown[] = [];

  async later(_space: SpaceId, peer: NodeId): Promise<readonly number[]> {
    const from = this.laterFrom.get(peer);
    return from === undefined ? [] : [...this.large.keys()].filter((first) => first >= from);
  }

  async putOff(_space: SpaceId, peer: NodeId, first: number | undefined): Promise<void> {
    if (first === undefined) this.laterFrom.delete(peer);
    else this.laterFrom.set(peer, first);
  }

  async *largeIds(_space: SpaceId, _origin: Origin, first: number, lacks: Lacks): AsyncGenerator<ChunkId> {
    for (const id of this.large.get(first) ?? []) {
      const named = this.largeLists.get(id);
      if (named && (await lacks([id])).length === 0) continue;
      yield* named ?? [];
      yield id;
    }
  }

  async setAside(_space: SpaceId, peer: NodeId, what: Refused, code: string): Promise<void> {
    this.aside.push({ peer, what, code });
  }

  async delivered(space: SpaceId, peer: NodeId, head: Head): Promise<void> {
    this.ahead -= 1;
    this.delivered_.set(`${space}/${peer}`, head.seq);
  }
}
