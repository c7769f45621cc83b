/** Chunks together with their author, on the wire: anyone may bring a chunk, so a request says whose is meant. */
import { DongboError } from '#agent/core/errors.ts';
import { bytesOf, type ChunkId, hexText, type NodeId, parseChunkId, parseNodeId } from '#agent/core/ids.ts';
import { idBytes, packIds, unpackIds } from './frames.ts';
import type { Wanted } from './peer.ts';

const nodeBytes = 32;
const wantedBytes = nodeBytes + idBytes;
/** Bytes of a request for `count` chunks of one author. */
export const askBytes = (count: number): number => nodeBytes + count * idBytes;

/** A request for chunks of one author: the author, then the ids. */
export const packAsk = (author: NodeId, ids: readonly ChunkId[]): Uint8Array =>
  new Uint8Array(Buffer.concat([bytesOf(author), packIds(ids)]));

/** Throws BODY_MALFORMED, BODY_TOO_LARGE beyond `most` ids. */
export function unpackAsk(bytes: Uint8Array, most: number): { author: NodeId; ids: ChunkId[] } {
  if (bytes.length < nodeBytes) throw new DongboError('BODY_MALFORMED', { rule: 'an author of 32 bytes' });
  const author = parseNodeId(hexText(bytes.subarray(0, nodeBytes)));
  return { author, ids: unpackIds(bytes.subarray(nodeBytes), most) };
}

/** Author and id of each, 64 bytes. */
export const packWanted = (wanted: readonly Wanted[]): Uint8Array =>
  new Uint8Array(Buffer.concat(wanted.flatMap(({ author, id }) => [bytesOf(author), bytesOf(id)])));

/** At most `most`, no two alike. Throws BODY_MALFORMED, BODY_TOO_LARGE. */
export function unpackWanted(bytes: Uint8Array, most: number): Wanted[] {
  if (bytes.length % wantedBytes !== 0) throw new DongboError('BODY_MALFORMED', { rule: 'authors and ids' });
  if (bytes.length > most * wantedBytes)
    throw new DongboError('BODY_TOO_LARGE', { limit: most * wantedBytes });
  const texts = new Set<string>();
  for (let at = 0; at < bytes.length; at += wantedBytes) {
    texts.add(hexText(bytes.subarray(at, at + wantedBytes)));
  }
  if (texts.size * wantedBytes !== bytes.length) {
    throw new DongboError('BODY_MALFORMED', { rule: 'each wanted chunk once' });
  }
  return [...texts].map((text) => ({
    author: parseNodeId(text.slice(0, 2 * nodeBytes)),
    id: parseChunkId(text.slice(2 * nodeBytes)),
  }));
}
