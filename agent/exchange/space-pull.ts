/** Fetches what a peer holds and this node does not, feed by feed. */
import { isCode } from '#agent/core/errors.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { type Head, lastSeq, type Segment } from '#agent/core/segment.ts';
import type { LinkLocal } from './link-local.ts';
import type { HeadsReply, Peer } from './peer.ts';

/** One feed that cannot be taken does not keep the others back; its error comes out at the end, FEED_FORK before others. */
export async function pullSpace(
  { peer, local }: { readonly peer: Peer; readonly local: LinkLocal },
  space: SpaceId,
  reply: HeadsReply,
  signal: AbortSignal,
): Promise<void> {
  const errors: unknown[] = [];
  for (const head of reply.heads) {
    const held = await local.held(space, head.origin);
    if (held === undefined || held >= head.seq) continue;
    const segments = upTo(head, peer.segments(space, head.origin, held + 1, signal));
    try {
      await local.accept(space, peer.node, segments, head, signal);
    } catch (error) {
      signal.throwIfAborted();
      errors.push(error);
    } finally {
      await segments.return(undefined);
    }
  }
  if (errors.length > 0) throw errors.find((error) => isCode(error, 'FEED_FORK')) ?? errors[0];
}

/** What was written after the head is left for the next look, with a head of its own. */
async function* upTo(head: Head, segments: AsyncIterable<Segment>): AsyncGenerator<Segment, undefined> {
  for await (const segment of segments) {
    if (lastSeq(segment.header) > head.seq) return undefined;
    yield segment;
    if (lastSeq(segment.header) === head.seq) return undefined;
  }
  return undefined;
}
