/**
 * The heads of a reply that count for this node. A reply has room for thousands, and a signature costs a thousand times
 * what a head costs who made it up: of each author so many are looked at as it may have feeds, and what is held just so is
 * not looked at again.
 */
import { type NodeId, originKey } from '#agent/core/ids.ts';
import type { Head } from '#agent/core/segment.ts';
import { giveWay } from '#agent/sys/give-way.ts';
import { livesOf } from './lives.ts';
import type { NodeSpace } from './node-space.ts';

/** Others of this process wait meanwhile. */
const atOnce = 32;

export interface Heard {
  /** Signed by their authors. */
  readonly genuine: readonly Head[];
  /** The first that is not: the peer is told of by it. */
  readonly forged: Head | undefined;
}

export async function heardHeads(own: NodeSpace, heads: readonly Head[]): Promise<Heard> {
  const { acceptor, state } = own;
  const held = new Map((await state.origins()).map((head) => [originKey(head.origin), head]));
  const most = livesOf(own.agreement());
  const lives = new Map<NodeId, number>();
  for (const { origin } of held.values()) lives.set(origin.node, (lives.get(origin.node) ?? 0) + 1);
  const genuine: Head[] = [];
  let [looked, forged]: [number, Head | undefined] = [0, undefined];
  for (const head of heads) {
    const known = held.get(originKey(head.origin));
    if (known && isSame(known, head)) {
      genuine.push(head);
      continue;
    }
    if (!known) {
      const others = lives.get(head.origin.node) ?? 0;
      if (others >= most || !acceptor.isHeardOf(head.origin.node)) continue;
      lives.set(head.origin.node, others + 1);
    }
    looked += 1;
    if (looked % atOnce === 0) await giveWay();
    if (acceptor.isGenuine(head)) genuine.push(head);
    else forged ??= head;
  }
  return { genuine, forged };
}

const isSame = (a: Head, b: Head): boolean =>
  a.seq === b.seq &&
  a.time === b.time &&
  a.digest === b.digest &&
  Buffer.compare(a.signature, b.signature) === 0;
