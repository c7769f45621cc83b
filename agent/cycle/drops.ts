/**
 * Which chunks of this node's a peer is to destroy: those of records that were withdrawn, at once; those that were only
 * superseded, when every reader has signed for the later record, so that nobody fetches them any more. Never one that
 * a file here still holds under the same epoch: a record that stands may name it.
 */
import type { Agreement } from '#agent/core/agreement.ts';
import { type ChunkId, type NodeId, originKey } from '#agent/core/ids.ts';
import { maxIdsPerRequest } from '#agent/exchange/limits.ts';
import type { OwedDrop } from '#agent/feed/owed-drops.ts';
import type { SpaceBatch } from '#agent/feed/space-batch.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { NodeSpace } from './node-space.ts';

const keptCursor = (epoch: number): string => `kept-epoch/${epoch}`;

/** Places of an epoch's chunks were lost while records still name them: nobody is told to drop any of that epoch. */
export const keepEpoch = (batch: SpaceBatch, epoch: number): void => batch.setCursor(keptCursor(epoch), 1);

export class Drops {
  /** What each peer was asked to drop last. */
  readonly #asked = new Map<string, readonly OwedDrop[]>();

  /** At most as many as one request takes; the same again until `done`. */
  async due(own: NodeSpace, peer: NodeId): Promise<readonly ChunkId[]> {
    const { state } = own;
    const reached = await readersReach(own);
    const due: OwedDrop[] = [];
    let over: OwedDrop[] = [];
    for await (const drop of state.owedDrops(peer)) {
      if (!drop.urgent && drop.seq > reached) break;
      if (await mayStillServe(state, drop)) over.push(drop);
      else due.push(drop);
      if (over.length >= maxIdsPerRequest) await state.settleDrops(peer, over);
      if (over.length >= maxIdsPerRequest) over = [];
      if (due.length >= maxIdsPerRequest) break;
    }
    await state.settleDrops(peer, over);
    this.#asked.set(keyOf(own, peer), due);
    return [...new Set(due.map(({ id }) => id))];
  }

  async done(own: NodeSpace, peer: NodeId, ids: readonly ChunkId[]): Promise<void> {
    const answered = new Set(ids);
    const asked = this.#asked.get(keyOf(own, peer)) ?? [];
    await own.state.settleDrops(
      peer,
      asked.filter(({ id }) => answered.has(id)),
    );
    this.#asked.delete(keyOf(own, peer));
  }
}

const keyOf = ({ space }: NodeSpace, peer: NodeId): string => `${space} ${peer}`;

const mayStillServe = async (state: SpaceState, { id, epoch }: OwedDrop): Promise<boolean> =>
  (await state.isPlaced(id)) || (await state.cursor(keptCursor(epoch))) > 0;

/** Up to where every reader has signed for this node's feed; whoever may come back later counts too. */
async function readersReach(own: NodeSpace): Promise<number> {
  const { state, origin } = own;
  const readers = readersOf(own.agreement(), origin.node);
  const reached = new Map<NodeId, number>();
  for (const receipt of await state.receipts())
    if (originKey(receipt.origin) === originKey(origin)) reached.set(receipt.reader, receipt.seq);
  return readers.reduce((least, node) => Math.min(least, reached.get(node) ?? 0), Number.POSITIVE_INFINITY);
}

const readersOf = ({ members }: Agreement, me: NodeId): NodeId[] =>
  members.flatMap(({ card, roles }) => (card.node !== me && roles.includes('subscribe') ? [card.node] : []));
