/**
 * Brings this node's own feed to a peer, stretch by stretch. The content of large files comes behind the records of all:
 * a chain has one order, and a large file at its front would hold up every small one behind it.
 */
import { type DongboError, isCode } from '#agent/core/errors.ts';
import { type ChunkId, originKey, type SpaceId } from '#agent/core/ids.ts';
import type { Head, Segment } from '#agent/core/segment.ts';
import { isolating, isOfForm } from './isolate.ts';
import type { LinkLocal, Outgoing } from './link-local.ts';
import type { Peer } from './peer.ts';
import { type ChunkTarget, pushChunks } from './push-chunks.ts';
import type { Semaphore } from './semaphore.ts';

export interface PushParts {
  readonly peer: Peer;
  readonly local: LinkLocal;
  readonly uploads: Semaphore;
}

/** Chunks of large files that are sent at least, whatever else there is to do: they come to their end too. */
const leastAtOnce = 64;

export class FeedPush {
  readonly #parts: PushParts;
  readonly #target: ChunkTarget;
  /** First numbers of the segments whose large contents are still to be brought, in order; undefined until it is known. */
  #later: readonly number[] | undefined;

  constructor(parts: PushParts, space: SpaceId, setAside: (id: ChunkId, why: DongboError) => Promise<void>) {
    this.#parts = parts;
    this.#target = { ...parts, space, setAside };
  }

  /** Tells `reached` how far the peer is after each stretch. */
  async bring(
    { origin }: Head,
    from: number,
    { signal, reached }: { readonly signal: AbortSignal; readonly reached: (head: Head) => void },
  ): Promise<void> {
    const { local, peer } = this.#parts;
    const { space } = this.#target;
    for await (const stretch of local.outgoing(space, origin, from, signal, peer.node)) {
      await this.#chunks(stretch.head, stretch.chunkIds(this.#lacks(signal)), signal);
      if (stretch.hasLarge?.()) await this.#putOff(stretch.segments);
      await this.#send(stretch, signal);
      reached(stretch.head);
      await local.delivered(space, peer.node, stretch.head);
    }
  }

  /** Brings what was put off, for as long as there is nothing newer to bring. */
  async bringLater(head: Head, isNews: () => boolean, signal: AbortSignal): Promise<void> {
    const { local, peer } = this.#parts;
    const { space } = this.#target;
    let left = leastAtOnce;
    const enough = () => left-- <= 0 && isNews();
    for (let [first, ...others] = await this.later(); first !== undefined; [first, ...others] = others) {
      const ids = local.largeIds(space, head.origin, first, this.#lacks(signal));
      if (!(await this.#chunks(head, ids, signal, enough))) return;
      this.#later = others;
      await local.putOff(space, peer.node, others[0]);
    }
  }

  /** First numbers of the segments of which large contents are still to be brought. */
  async later(): Promise<readonly number[]> {
    this.#later ??= await this.#parts.local.later(this.#target.space, this.#parts.peer.node);
    return this.#later;
  }

  /** Durable before the segment is there: nobody would ask for it after a crash. */
  async #putOff(segments: readonly Segment[]): Promise<void> {
    const { local, peer } = this.#parts;
    const { space } = this.#target;
    const all = new Set([...(await this.later()), ...segments.map(({ header }) => header.first)]);
    this.#later = [...all].sort((a, b) => a - b);
    await local.putOff(space, peer.node, this.#later[0]);
  }

  #lacks =
    (signal: AbortSignal) =>
    (ids: readonly ChunkId[]): Promise<readonly ChunkId[]> =>
      this.#parts.peer.missing(this.#target.space, ids, signal);

  #chunks(
    { origin }: Head,
    ids: AsyncIterable<ChunkId>,
    signal: AbortSignal,
    enough?: () => boolean,
  ): Promise<boolean> {
    const { space } = this.#target;
    const seal = (id: ChunkId, s: AbortSignal) =>
      this.#parts.local.sealed(space, { author: origin.node, id }, s);
    return pushChunks(this.#target, ids, seal, signal, enough);
  }

  async #send({ segments, head }: Outgoing, signal: AbortSignal): Promise<void> {
    try {
      await this.#push(segments, head, signal);
    } catch (error) {
      const [segment] = segments;
      if (!isOfForm(error) || !segment || segments.length > 1) throw error;
      await this.#sendByRecord(segment, head, signal);
    }
  }

  /** The header alone, which is the link of the chain; then the records, so that the one that is refused shows. */
  async #sendByRecord(segment: Segment, head: Head, signal: AbortSignal): Promise<void> {
    const { local, peer } = this.#parts;
    const { bodies, header } = segment;
    const only = (some: readonly number[]): Segment => ({
      ...segment,
      bodies: bodies.map((body, i) => (some.includes(i) ? body : undefined)),
    });
    await this.#push([only([])], head, signal);
    await isolating(
      [...bodies.keys()].filter((i) => bodies[i] !== undefined),
      (some) => this.#push([only(some)], head, signal),
      (i, { code }) =>
        local.setAside(this.#target.space, peer.node, { seq: header.first + i, body: bodies[i] }, code),
    );
  }

  /**
   * A peer of an earlier version judges each stretch as if it were the whole, and fails when a record of it is replaced
   * by a later one; but it has kept it by then.
   */
  async #push(segments: readonly Segment[], head: Head, signal: AbortSignal): Promise<void> {
    const { peer, uploads } = this.#parts;
    try {
      await uploads.run(() => peer.pushSegments(this.#target.space, segments, head, signal), signal);
    } catch (error) {
      if (!isCode(error, 'PEER_INTERNAL') || !hasHoles(segments)) throw error;
      const { heads } = await peer.heads(this.#target.space, signal);
      const key = originKey(head.origin);
      if (!heads.some((told) => originKey(told.origin) === key && told.seq >= head.seq)) throw error;
    }
  }
}

const hasHoles = (segments: readonly Segment[]): boolean =>
  segments.some(({ bodies }) => bodies.includes(undefined));
