/** What a body may hold: each bound is told apart, before more is read than it allows. */
import { expect, test } from 'vitest';
import {
  idBytes,
  readChunks,
  readFrames,
  readWhole,
  unpackCount,
  unpackIds,
} from '#agent/exchange/frames.ts';
import { gather, idNamed, streamOf } from './sample-feed.ts';

const tooLarge = expect.objectContaining({ code: 'BODY_TOO_LARGE' });
const malformed = expect.objectContaining({ code: 'BODY_MALFORMED' });
const lengthOf = (length: number) => [...new Uint8Array(new Uint32Array([length]).buffer).toReversed()];
/** One byte at a time, so that it shows how far a reader goes. */
function pieces(bytes: readonly number[]) {
  const read = { count: 0 };
  const one = (byte: number) => {
    read.count += 1;
    return Uint8Array.of(byte);
  };
  return { read, source: streamOf(Iterator.from(bytes).map(one)) };
}

test('a frame: its length alone refuses it', async () => {
  const most = { frame: 8, total: 1000 };
  const fits = await gather(readFrames(pieces([...lengthOf(8), ...Array(8).fill(1)]).source, most));
  expect(fits.map(({ length }) => length)).toEqual([8]);
  const { read, source } = pieces([...lengthOf(9), ...Array(9).fill(1)]);
  await expect(gather(readFrames(source, most))).rejects.toEqual(tooLarge);
  expect(read.count).toBeLessThanOrEqual(5);
});

test('a body of unknown length, up to its bound', async () => {
  expect(await readWhole(pieces(Array(20).fill(1)).source, 20)).toHaveLength(20);
  const { read, source } = pieces(Array(100).fill(1));
  await expect(readWhole(source, 20)).rejects.toEqual(tooLarge);
  expect(read.count).toBe(21);
});

test('a sealed chunk, from 17 bytes to 288 KiB', async () => {
  const chunk = (length: number) => [
    ...Array(idBytes).fill(1),
    ...lengthOf(length),
    ...Array(Math.min(length, 20)).fill(2),
  ];
  expect((await gather(readChunks(pieces(chunk(20)).source, 1000)))[0]?.sealed).toHaveLength(20);
  for (const length of [0, 16, 288 * 1024 + 1])
    await expect(gather(readChunks(pieces(chunk(length)).source, 1000))).rejects.toEqual(malformed);
});

test('ids: so many, whole, and each once', () => {
  const [one, two] = [idNamed('one'), idNamed('two')].map((id) => Uint8Array.fromHex(id));
  const of = (...ids: (Uint8Array | undefined)[]) => Buffer.concat(ids.filter((id) => id !== undefined));
  expect(unpackIds(of(one, two), 2)).toHaveLength(2);
  expect(() => unpackIds(of(one, two), 1)).toThrow(tooLarge);
  expect(() => unpackIds(of(one, one), 2)).toThrow(malformed);
  expect(() => unpackIds(of(one).subarray(1), 2)).toThrow(malformed);
});

test('a count, of no more than what was named', () => {
  expect(unpackCount(Uint8Array.from(lengthOf(2)), 2)).toBe(2);
  expect(() => unpackCount(Uint8Array.from(lengthOf(3)), 2)).toThrow(malformed);
  expect(() => unpackCount(new Uint8Array(3), 2)).toThrow(malformed);
});
