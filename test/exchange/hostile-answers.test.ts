/** What a peer answers is taken for what was asked, and for nothing more. */
import { expect, test } from 'vitest';
import type { ChunkId } from '#agent/core/ids.ts';
import { HttpsFixture } from './https-fixture.ts';
import { MemoryBackend } from './memory-backend.ts';
import { chunkNamed, feedOf, gather, idNamed, nodeNamed, originOf, spaceNamed } from './sample-feed.ts';

const space = spaceNamed('answers');
const never = new AbortController().signal;

test('a chunk that nobody asked for is refused', async () => {
  const backend = new MemoryBackend();
  backend.getChunks = async function* () {
    yield chunkNamed('asked');
    yield chunkNamed('other');
  };
  await using fixture = await HttpsFixture.open(backend);
  const got = fixture.peer.getChunks(space, fixture.agent.node, [idNamed('asked')], never);
  await expect(gather(got)).rejects.toMatchObject({ code: 'BODY_MALFORMED' });
});

test('an id that nobody asked for is not missing', async () => {
  const backend = new MemoryBackend();
  backend.missing = async (): Promise<ChunkId[]> => [idNamed('two'), idNamed('other')];
  await using fixture = await HttpsFixture.open(backend);
  const asked = [idNamed('one'), idNamed('two')];
  expect(await fixture.peer.missing(space, asked, never)).toEqual([idNamed('two')]);
});

test('segments of another feed, or of another space, are refused', async () => {
  const backend = new MemoryBackend();
  const origin = originOf(nodeNamed('asked'));
  const answers = [feedOf(space, originOf(nodeNamed('other')), 1), feedOf(spaceNamed('other'), origin, 1)];
  await using fixture = await HttpsFixture.open(backend);
  for (const answer of answers) {
    backend.segments = async function* () {
      yield* answer;
    };
    const got = fixture.peer.segments(space, origin, 1, never);
    await expect(gather(got)).rejects.toMatchObject({ code: 'CODEC_MALFORMED' });
  }
});
