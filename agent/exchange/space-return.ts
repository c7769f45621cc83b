/**
 * Brings a peer what this node holds of the peer's own feeds and the peer does not: it was restored from an old image,
 * or lost its state, and one that only listens would never hear of it.
 */
import { originKey, type SpaceId } from '#agent/core/ids.ts';
import { type Head, lastSeq, type Segment } from '#agent/core/segment.ts';
import type { HeadsReply } from './peer.ts';
import type { PushParts } from './space-push.ts';

/**
 * Once for each look: whether it helped, the next reply tells. `forked`: the peer has shown another history than the
 * one held here. Rejects as `Peer.pushSegments` does.
 */
export async function returnFeeds(
  parts: PushParts,
  space: SpaceId,
  reply: HeadsReply,
  { forked, signal }: { readonly forked: boolean; readonly signal: AbortSignal },
): Promise<void> {
  // Who calls us sees it in our own reply.
  if (reply.role === 'relay' || reply.dialsBack) return;
  const theirs = new Map(reply.heads.map((head) => [originKey(head.origin), head]));
  for (const head of await parts.local.returns(space, parts.peer.node)) {
    const told = theirs.get(originKey(head.origin));
    const from = firstToBring(head, told, forked);
    if (from !== undefined) await bring(parts, head, from, signal);
  }
}

/** With nothing to bring and two histories it is the last segment, which proves that there are two. */
function firstToBring(head: Head, told: Head | undefined, forked: boolean): number | undefined {
  if (!told || told.seq < head.seq) return (told?.seq ?? 0) + 1;
  const differs = forked || (told.seq === head.seq && told.digest !== head.digest);
  return differs ? head.seq : undefined;
}

async function bring(parts: PushParts, head: Head, from: number, signal: AbortSignal): Promise<void> {
  const { local, peer, uploads } = parts;
  const push = (segment: Segment) => () => peer.pushSegments(head.space, [segment], head, signal);
  for await (const segment of local.returned(head.space, head.origin, from)) {
    if (lastSeq(segment.header) > head.seq) return;
    await uploads.run(push(segment), signal);
  }
}
