/** One of everything that the state keeps, from fixed values, and the database that this makes. */
import { hash } from 'node:crypto';
import { parseDigest } from '#agent/core/ids.ts';
import { encodeHeader } from '#agent/core/segment-codec.ts';
import type { State } from '#agent/feed/state.ts';
import { agreement, chunkId, digest, fileRow, node, origin, space, tagOf } from './fixtures.ts';

const signature = new Uint8Array(64).fill(7);

function segment(
  first: number,
  prev: string | undefined,
  records: readonly (readonly [string, string | undefined])[],
) {
  const entries = records.map(([tag, body]) => ({ tag: tagOf(tag), hash: digest(body ?? 'left out') }));
  const header = {
    space,
    origin,
    first,
    prev: prev ? parseDigest(prev) : undefined,
    agreement,
    time: first,
    entries,
  };
  const headerBytes = encodeHeader(header);
  const bodies = records.map(([, body]) => (body === undefined ? undefined : Buffer.from(body)));
  const end = { seq: first + records.length - 1, digest: parseDigest(hash('sha256', headerBytes, 'hex')) };
  const head = { space, origin, ...end, time: first, signature };
  return { segment: { header, headerBytes, signature, bodies }, head };
}

export async function writeOneOfEverything(state: State): Promise<void> {
  await state.secrets.put('epoch/1', Uint8Array.of(1, 2, 3));
  await state.putMeta('incarnation', 'một');
  const index = state.space(space);
  const first = segment(1, undefined, [
    ['a', 'body 1'],
    ['b', undefined],
    ['a', 'body 3'],
  ]);
  const second = segment(4, first.head.digest, [['c', 'body 4']]);
  const batch = index.batch();
  for (const { segment, head } of [first, second]) await batch.append(segment, head);
  batch.putRow('thư mục/tệp.txt', fileRow('tệp', 77));
  batch.putRow('thư mục', { local: { state: { kind: 'dir', mode: 0o755 } } });
  batch.putRow('liên kết', {
    agreed: { state: { kind: 'link', target: '../x', mtimeNs: -1n }, version: [], author: origin },
  });
  batch.putRow('xoá', { local: { state: { kind: 'gone' } } });
  batch.markPending('liên kết');
  batch.addLocation(chunkId('tệp'), { path: 'thư mục/tệp.txt', offset: 70_000, length: 77 });
  batch.addLocation(chunkId('list'), { path: 'cũ', list: Uint8Array.of(9, 9) });
  batch.putReceipt({ ...second.head, reader: node });
  batch.setCursor('scan', 12_345);
  batch.putProblem({ code: 'NAME_CLASH', path: 'A', details: { other: 'a' } });
  await batch.commit();
  const drop = index.batch();
  drop.dropLocations('cũ');
  await drop.commit();
}

/** Keys and values in hex, in order, without checksums. */
export async function entriesOf(state: State): Promise<[string, string][]> {
  const all: [string, string][] = [];
  const everything = { gte: new Uint8Array(), lt: Uint8Array.of(255) };
  for await (const [key, value] of state.db.entries(everything)) {
    all.push([Buffer.from(key).toString('hex'), Buffer.from(value).toString('hex')]);
  }
  return all;
}
