/** A node that was in step, and what a way to make no progress is. */
import type { AgentEvent } from '#agent/core/event.ts';
import type { FactsParts } from '#agent/cycle/facts.ts';
import type { Identity } from '#agent/seal/identity.ts';
import type { SpaceFacts } from '#agent/status/facts.ts';
import { agree, TestNode } from '#test/cycle/node.ts';
import { SignedFeed } from '#test/cycle/signed-feed.ts';

/** A node in step with a relay, and a member behind that. */
export async function inStep(cleanup: AsyncDisposable[]) {
  const { parties, agreement } = await agree(
    ['H29.12', 'publish', 'subscribe'],
    ['H29.13', 'publish', 'subscribe'],
    ['H29', 'relay'],
  );
  const [me, other, relay] = parties as readonly [Identity, Identity, Identity];
  const node = await TestNode.open(me, agreement);
  cleanup.push(node);
  const feed = new SignedFeed(other, agreement);
  const own = new SignedFeed(me, agreement, node.own.origin.incarnation);
  const publish = async () => {
    const { segment, head } = own.filled();
    const batch = node.own.state.batch();
    await batch.append(segment, head);
    await batch.commit();
    return head;
  };
  const meet = (heads: Parameters<typeof node.peers.noteHeads>[2] = []) => {
    node.peers.linkUp(relay.node, true);
    node.peers.noteHeads(relay.node, agreement.space, heads);
  };
  meet();
  return { node, me, other, relay, agreement, feed, publish, meet };
}

export type World = Awaited<ReturnType<typeof inStep>>;
export type More = Partial<FactsParts> & {
  readonly facts?: Partial<SpaceFacts>;
  readonly events?: readonly AgentEvent[];
};

export interface Way {
  readonly what: string;
  /** State and reason. */
  readonly is: string;
  /** A minute passes in which nothing moves. */
  readonly still?: true;
  /** What /readyz says; ready when absent. */
  readonly unready?: true;
  readonly come: (w: World) => Promise<More | undefined> | More | undefined;
}
