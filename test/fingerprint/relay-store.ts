/** Real stores: a publisher's folder, its feed, and what a relay has on its disk once everything was brought there. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rulesOf } from '#agent/core/cells.ts';
import { decodeChange } from '#agent/core/change-codec.ts';
import type { ChunkId } from '#agent/core/ids.ts';
import type { Sensitivity } from '#agent/core/label.ts';
import { mapAhead } from '#agent/core/map-ahead.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { chunkIdsOf } from '#agent/cycle/content-ids.ts';
import { parseHeader, recordHeaderBytes } from '#agent/feed/pack-record.ts';
import { State } from '#agent/feed/state.ts';
import { Vault } from '#agent/feed/vault.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { TestNode } from '#test/cycle/node.ts';
import { SpaceNode } from '#test/cycle/space-node.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { draft, makeParties, seededRandom } from '#test/trust/parties.ts';

interface DiskChunk {
  readonly id: string;
  /** Bytes of the sealed chunk. */
  readonly size: number;
}

export interface RelayItem {
  /** Which of the files it is. */
  readonly file: number;
  readonly chunks: readonly string[];
}

export interface RelayDisk {
  /** As they lie in the packs. */
  readonly chunks: readonly DiskChunk[];
  /** Bytes of the sealed records, in the order of the feed. */
  readonly records: readonly number[];
  /** In the order of the feed: more than the disk tells. */
  readonly items: readonly RelayItem[];
}

const sealedAhead = 12;
const chunksPerPut = 256;

const parties = makeParties('H29.12', 'H29');

async function agreementOf(sensitivity: Sensitivity) {
  const [author, relay] = await parties;
  const label = { sensitivity, secrecy: 'NONE', personalData: 'NONE' } as const;
  const members = [
    [author, 'publish', 'subscribe'],
    [relay, 'relay'],
  ] as const;
  const plain = draft(members, { label });
  const cleared = plain.members.map((member) => ({ ...member, highestLabel: sensitivity }));
  return { author, relay, agreement: await signAgreement({ ...plain, members: cleared }, author) };
}

/** The files are there before the first look, named in the order given. */
export async function relayDisk(sensitivity: Sensitivity, files: readonly Uint8Array[]): Promise<RelayDisk> {
  const { author, relay, agreement } = await agreementOf(sensitivity);
  await using dir = await temporaryDir();
  await using publisher = await SpaceNode.open({
    me: author,
    agreement,
    dir: join(dir.path, 'publisher'),
    random: seededRandom(sensitivity),
  });
  for (const [i, bytes] of files.entries())
    await writeFile(publisher.at(`${String(i).padStart(3, '0')}.doc`), bytes);
  await publisher.settle();
  await using node = await TestNode.open(relay, agreement);
  await using state = await State.open(join(dir.path, 'vault-state'), { node: relay.node });
  await using vault = await Vault.open(join(dir.path, 'vault'), state);
  const items: RelayItem[] = [];
  const ids: ChunkId[] = [];
  for (const head of await publisher.own.state.origins()) {
    for await (const segment of publisher.own.state.segments(head.origin, 1)) {
      for (const body of segment.bodies) {
        const file = await fileOf(publisher, segment, body);
        const chunks = await idsIn(publisher, { ...segment, bodies: [body] }, vault);
        if (file !== undefined) items.push({ file, chunks });
        ids.push(...chunks);
      }
    }
    await node.own.acceptor.accept(author.node, publisher.own.state.segments(head.origin, 1), head);
  }
  await put(publisher, ids, vault);
  const pack = await readFile(join(dir.path, 'vault', '0000000001.pack'));
  return { chunks: [...chunksOf(pack)], records: await recordsOf(node), items };
}

type Segment = Parameters<typeof chunkIdsOf>[0];

async function fileOf(
  { keyring }: SpaceNode,
  { header: { space, origin } }: Segment,
  body: Uint8Array | undefined,
): Promise<number | undefined> {
  const record = body && decodeRecord(body);
  if (record?.type !== 'item') return undefined;
  const keys = await keyring.keysFor(space, origin, record.epoch);
  const plain = keys?.openRecord(record.sealed);
  return keys && plain ? Number.parseInt(decodeChange(plain, rulesOf(keys.form)).path, 10) : undefined;
}

/** What a link would bring of it, in order. */
async function idsIn({ own, keyring }: SpaceNode, segment: Segment, vault: Vault): Promise<ChunkId[]> {
  const { space, origin } = segment.header;
  const lacks = (ids: readonly ChunkId[]) => vault.missing(space, origin.node, ids);
  const ids: ChunkId[] = [];
  for await (const id of chunkIdsOf(segment, { state: own.state, keyring, lacks, only: () => true })) {
    ids.push(id);
  }
  return ids;
}

/** As a link puts them down: in order, some MiB at a time. */
async function put({ own }: SpaceNode, ids: readonly ChunkId[], vault: Vault): Promise<void> {
  let batch: SealedChunk[] = [];
  for await (const chunk of mapAhead(ids, sealedAhead, async (id) =>
    own.local?.sealedById(own.origin.node, id),
  )) {
    if (!chunk) throw new Error('a chunk that its own author does not have');
    batch.push(chunk);
    if (batch.length < chunksPerPut) continue;
    await vault.put(own.space, own.origin.node, batch);
    batch = [];
  }
  await vault.put(own.space, own.origin.node, batch);
}

const idStart = 16;

/** Whatever a thief of the disk can read out of a pack. */
export function* chunksOf(pack: Uint8Array): Generator<DiskChunk> {
  for (let at = 0; at < pack.length; ) {
    const header = parseHeader(pack.subarray(at));
    if (!header) throw new Error('no record in the pack');
    yield { id: header.key.slice(idStart * 2, (idStart + 32) * 2), size: header.length };
    at += recordHeaderBytes + header.length;
  }
}

async function recordsOf({ own }: TestNode): Promise<number[]> {
  const sizes: number[] = [];
  for (const { origin } of await own.state.origins()) {
    for await (const { bodies } of own.state.segments(origin, 1)) {
      for (const body of bodies) {
        const record = body && decodeRecord(body);
        if (record?.type === 'item') sizes.push(record.sealed.length);
      }
    }
  }
  return sizes;
}
