/** Reads whole segments back: header and signature as they came, bodies as far as they are still live. */
import type { Origin } from '#agent/core/ids.ts';
import { lastSeq, type Segment, type SegmentHeader } from '#agent/core/segment.ts';
import type { Snapshot } from './db.ts';
import { decodeStored } from './feed-store.ts';
import { headerKept } from './kept.ts';
import { numberFrom } from './keys.ts';
import type { SpaceCore } from './space-core.ts';

/**
 * One moment of the feed: a body dropped while the stream runs is still in it, since the record that superseded it
 * might lie beyond the stream's end.
 */
export async function* readSegments(core: SpaceCore, origin: Origin, from: number): AsyncGenerator<Segment> {
  const snapshot = core.db.snapshot();
  try {
    const start = await startOf(core, origin, from, snapshot);
    for await (const [, value] of core.db.entries(core.keys.segments(origin, start), { snapshot })) {
      const { signature, headerBytes } = decodeStored(value);
      const header = headerKept(headerBytes);
      if (lastSeq(header) < from) continue;
      yield { header, headerBytes, signature, bodies: await readBodies(core, header, snapshot) };
    }
  } finally {
    await snapshot.close();
  }
}

/** First number of the segment that holds `from`. */
async function startOf(core: SpaceCore, origin: Origin, from: number, snapshot: Snapshot): Promise<number> {
  const range = core.keys.segmentsUpTo(origin, from);
  for await (const [key] of core.db.entries(range, { reverse: true, limit: 1, snapshot })) {
    return numberFrom(key, -6);
  }
  return from;
}

async function readBodies(
  core: SpaceCore,
  header: SegmentHeader,
  snapshot: Snapshot,
): Promise<Segment['bodies']> {
  const bodies = new Array<Uint8Array | undefined>(header.entries.length).fill(undefined);
  const range = core.keys.bodies(header.origin, header.first, header.first + header.entries.length);
  for await (const [key, body] of core.db.entries(range, { snapshot })) {
    bodies[numberFrom(key, -6) - header.first] = body;
  }
  return bodies;
}
