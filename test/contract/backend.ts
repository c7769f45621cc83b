/** What every `ExchangeBackend` must do with chunks that anyone may have put. */
import { describe, expect, it } from 'vitest';
import type { ChunkId, NodeId, SpaceId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { ExchangeBackend } from '#agent/exchange/backend.ts';
import { chunkNamed, gather, idNamed, streamOf } from '#test/exchange/sample-feed.ts';

export interface BackendFixture {
  readonly backend: ExchangeBackend;
  readonly space: SpaceId;
  /** Publishers of the space. */
  readonly author: NodeId;
  readonly hostile: NodeId;
}

const never = new AbortController().signal;
const bytesIn = ({ sealed }: SealedChunk): string => Buffer.from(sealed).toString('hex');

export function backendContract(name: string, open: () => Promise<BackendFixture>): void {
  const chunk = chunkNamed('content');
  const garbage = { ...chunkNamed('garbage'), id: chunk.id };

  async function opened() {
    const { backend, space, author, hostile } = await open();
    return {
      author,
      hostile,
      put: (from: NodeId, ...chunks: SealedChunk[]) =>
        backend.putChunks(from, space, streamOf(chunks), never),
      missing: (caller: NodeId, ...ids: ChunkId[]) => backend.missing(caller, space, ids, never),
      drop: (caller: NodeId, ...ids: ChunkId[]) => backend.dropChunks(caller, space, ids, never),
      got: async (of: NodeId, ...ids: ChunkId[]) =>
        (await gather(backend.getChunks(hostile, space, of, ids, never))).map(bytesIn),
    };
  }

  describe(`ExchangeBackend contract: ${name}`, () => {
    it('tells each caller what it has not put itself, whatever others have put', async () => {
      const at = await opened();
      await at.put(at.hostile, garbage);
      expect(await at.missing(at.author, idNamed('absent'), chunk.id)).toEqual([idNamed('absent'), chunk.id]);
      expect(await at.missing(at.hostile, chunk.id)).toEqual([]);
      await at.put(at.author, chunk);
      expect(await at.missing(at.author, chunk.id)).toEqual([]);
    });

    it('gives what the author put, and nothing of others besides', async () => {
      const at = await opened();
      await at.put(at.hostile, garbage);
      await at.put(at.author, chunk);
      expect(await at.got(at.author, idNamed('absent'), chunk.id)).toEqual([bytesIn(chunk)]);
    });

    it('gives the copies of others when the author has put none', async () => {
      const at = await opened();
      await at.put(at.hostile, chunk);
      expect(await at.got(at.author, chunk.id)).toEqual([bytesIn(chunk)]);
    });

    it('destroys what the caller put itself, counts it, and leaves the copies of others', async () => {
      const at = await opened();
      await at.put(at.author, chunk, chunkNamed('other'));
      await at.put(at.hostile, garbage);
      expect(await at.drop(at.author, idNamed('absent'), chunk.id)).toBe(1);
      expect(await at.missing(at.author, chunk.id, chunkNamed('other').id)).toEqual([chunk.id]);
      expect(await at.got(at.author, chunk.id)).toEqual([bytesIn(garbage)]);
      expect(await at.drop(at.author, chunk.id)).toBe(0);
    });

    it('takes again what was destroyed', async () => {
      const at = await opened();
      await at.put(at.author, chunk);
      await at.drop(at.author, chunk.id);
      await at.put(at.author, chunk);
      expect(await at.got(at.author, chunk.id)).toEqual([bytesIn(chunk)]);
    });

    it('keeps the first that a node puts', async () => {
      const at = await opened();
      await at.put(at.author, chunk);
      await at.put(at.author, garbage);
      expect(await at.got(at.author, chunk.id)).toEqual([bytesIn(chunk)]);
    });
  });
}
