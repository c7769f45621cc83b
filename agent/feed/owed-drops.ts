/**
 * Sealed chunks of this node that nobody is to have any more, until each peer that was brought some has answered that
 * they are gone there. Durable; bounded for each peer.
 */
import { bytesOf, type ChunkId, hexText, type NodeId, parseChunkId, parseNodeId } from '#agent/core/ids.ts';
import type { Db, Op } from './db.ts';
import { numberAsBytes, numberFrom } from './keys.ts';
import type { SpaceCore } from './space-core.ts';

/** How the places of a file went that a record of this node's had named. */
export interface Superseded {
  /** Of the record that superseded it; or the next of the feed, when that is not written yet. */
  readonly seq: number;
  /** Of the chunks. */
  readonly epoch: number;
  /** Withdrawn: at once, and not only when all readers have the later record. */
  readonly urgent: boolean;
}

export interface OwedDrop {
  readonly id: ChunkId;
  readonly seq: number;
  readonly epoch: number;
  readonly urgent: boolean;
}

/** Beyond so many for one peer what is only superseded stays with it. */
export const maxOwed = 1_000_000;
const numberBytes = 6;
const idBytes = 32;

export const encodeSuperseded = ({ seq, epoch, urgent }: Superseded): Uint8Array =>
  Buffer.concat([Buffer.of(urgent ? 1 : 0), numberAsBytes(seq), numberAsBytes(epoch)]);

/** Undefined for a file whose chunks are nobody's to drop. */
export const decodeSuperseded = (bytes: Uint8Array): Superseded | undefined =>
  bytes.length === 0
    ? undefined
    : { urgent: bytes[0] === 1, seq: numberFrom(bytes, 1), epoch: numberFrom(bytes, 1 + numberBytes) };

/** What to put when a place of such a file is swept up: one entry for each peer. */
export class OwedQueue {
  readonly #core: SpaceCore;
  readonly #peers: readonly NodeId[];

  private constructor(core: SpaceCore, peers: readonly NodeId[]) {
    this.#core = core;
    this.#peers = peers;
  }

  static async open(core: SpaceCore): Promise<OwedQueue> {
    core.pushedTo ??= await load(core);
    return new OwedQueue(core, [...core.pushedTo.keys()]);
  }

  get peers(): number {
    return this.#peers.length;
  }

  put(id: Uint8Array, { seq, epoch, urgent }: Superseded): Op[] {
    const { keys, pushedTo } = this.#core;
    return this.#peers.flatMap((peer) => {
      const owed = pushedTo?.get(peer) ?? 0;
      if (!urgent && owed >= maxOwed) return [];
      pushedTo?.set(peer, owed + 1);
      return [{ key: keys.owedDrop(peer, { urgent, seq, id }), value: numberAsBytes(epoch) }];
    });
  }
}

/** How much is owed to each peer that was brought chunks; may be too much after a commit that failed. */
async function load({ db, keys }: SpaceCore): Promise<Map<NodeId, number>> {
  const owed = new Map<NodeId, number>();
  for await (const [key] of db.entries(keys.allPushedTo())) {
    const peer = parseNodeId(hexText(key.subarray(-idBytes)));
    let count = 0;
    for await (const _ of db.entries(keys.owedDrops(peer))) count += 1;
    owed.set(peer, count);
  }
  return owed;
}

/** Remembers that a peer is brought chunks. */
export async function notePushedTo(core: SpaceCore, peer: NodeId): Promise<void> {
  core.pushedTo ??= await load(core);
  if (core.pushedTo.has(peer)) return;
  await core.db.write([{ key: core.keys.pushedTo(peer), value: new Uint8Array() }]);
  core.pushedTo.set(peer, 0);
}

/** What is owed to a peer, withdrawn chunks first, then in the order of the feed. */
export async function* owedDrops(core: SpaceCore, peer: NodeId): AsyncGenerator<OwedDrop> {
  for await (const [key, value] of core.db.entries(core.keys.owedDrops(peer))) {
    const id = parseChunkId(hexText(key.subarray(-idBytes)));
    const seq = numberFrom(key, -idBytes - numberBytes);
    yield { id, seq, urgent: key.at(-idBytes - numberBytes - 1) === 0, epoch: numberFrom(value) };
  }
}

export async function settleDrops(core: SpaceCore, peer: NodeId, done: readonly OwedDrop[]): Promise<void> {
  const { db, keys, pushedTo } = core;
  if (done.length === 0) return;
  await db.write(
    done.map(({ id, seq, urgent }) => ({ key: keys.owedDrop(peer, { urgent, seq, id: bytesOf(id) }) })),
  );
  pushedTo?.set(peer, Math.max(0, (pushedTo.get(peer) ?? 0) - done.length));
}

/** Whether some file that is here still holds the chunk. Exact, unlike `findLocations`: what is live must not go. */
export async function isPlaced({ db, keys }: SpaceCore, id: ChunkId): Promise<boolean> {
  for await (const [key] of db.entries(keys.places(id)))
    if (await db.get(keys.filePath(numberFrom(key, -numberBytes)))) return true;
  return false;
}

/** Whether places are still to be swept up whose chunks are to be dropped. */
export async function sweepsOwed({ db, keys }: { db: Db; keys: SpaceCore['keys'] }): Promise<boolean> {
  for await (const [, value] of db.entries(keys.allStaleFiles())) if (value.length > 0) return true;
  return false;
}
