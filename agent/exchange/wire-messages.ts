/** The documents of the wire, CBOR in the strict form of `core/codec.ts`. Every field of every document is checked. */
import { maxSeq } from '#agent/core/bounds.ts';
import { decode, encode } from '#agent/core/codec.ts';
import { isCode } from '#agent/core/errors.ts';
import { Fields } from '#agent/core/fields.ts';
import { bytesOf, type Origin, originKey, parseSpaceId, type SpaceId } from '#agent/core/ids.ts';
import { originFields, readOrigin } from '#agent/core/origin-fields.ts';
import type { Head, Receipt, Segment } from '#agent/core/segment.ts';
import {
  decodeHead,
  decodeReceipt,
  decodeSegment,
  encodeHead,
  encodeReceipt,
} from '#agent/core/segment-codec.ts';
import { giveWay } from '#agent/sys/give-way.ts';
import { decodeAuditWords, encodeAuditWords } from './audit-words.ts';
import { maxFeeds, maxHeadsBytes, maxReceiptsInReply, maxSmallFrame, maxWantedIds } from './limits.ts';
import type { HeadsReply, PeerEvent } from './peer.ts';
import { packWanted, unpackWanted } from './wanted-codec.ts';

export const encodeHeadsReply = (reply: HeadsReply): Uint8Array =>
  encode({
    v: 1,
    heads: reply.heads.map(encodeHead),
    receipts: reply.receipts.slice(0, maxReceiptsInReply).map(encodeReceipt),
    dialsBack: reply.dialsBack,
    role: reply.role,
    wanted: packWanted(reply.wanted.slice(0, maxWantedIds)),
    audit: encodeAuditWords(reply.audit),
  });

const atOnce = 128;
const headsShape = { values: maxFeeds + maxReceiptsInReply + 64, depth: 2 };

/**
 * Throws BODY_MALFORMED or CODEC_MALFORMED. Also for a head or receipt of another space; one that is malformed is passed
 * over as one that does not verify, since its author must not keep those of others from being heard.
 */
export function decodeHeadsReply(bytes: Uint8Array, space: SpaceId): HeadsReply {
  const steps = headsReplyIn(bytes, space);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** As that, a few heads at a time, so that others of this process get their turns. */
export async function readHeadsReply(bytes: Uint8Array, space: SpaceId): Promise<HeadsReply> {
  const steps = headsReplyIn(bytes, space);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await giveWay();
  }
}

type Steps<T> = Generator<undefined, T, undefined>;

function* headsReplyIn(bytes: Uint8Array, space: SpaceId): Steps<HeadsReply> {
  const fields = new Fields('heads reply', decode(bytes, maxHeadsBytes, headsShape));
  fields.int('v', 1, 1);
  const heads = yield* readSound(fields, 'heads', maxFeeds, decodeHead, space);
  const feeds = new Set(heads.map((head) => originKey(head.origin)));
  if (feeds.size !== heads.length) fields.fail('heads', 'each feed once');
  const reply: HeadsReply = {
    heads,
    receipts: yield* readSound(fields, 'receipts', maxReceiptsInReply, decodeReceipt, space),
    dialsBack: readFlag(fields, 'dialsBack'),
    role: fields.oneOf('role', ['agent', 'relay']),
    wanted: unpackWanted(fields.bytes('wanted'), maxWantedIds),
    audit: decodeAuditWords(fields.bytes('audit')),
  };
  fields.end();
  return reply;
}

function* readSound<T extends Head | Receipt>(
  fields: Fields,
  field: 'heads' | 'receipts',
  most: number,
  parse: (bytes: Uint8Array) => T,
  space: SpaceId,
): Steps<T[]> {
  const sound: T[] = [];
  for (const [i, each] of fields.list(field, 0, most).entries()) {
    if (i % atOnce === atOnce - 1) yield undefined;
    if (!(each instanceof Uint8Array)) return fields.fail(field, 'byte strings');
    const found = unlessMalformed(() => parse(each));
    if (!found) continue;
    checkSpace(field, found.space, space);
    sound.push(found);
  }
  return sound;
}

function unlessMalformed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!isCode(error, 'CODEC_MALFORMED')) throw error;
    return undefined;
  }
}

function readFlag(fields: Fields, field: string): boolean {
  const value = fields.raw(field);
  return typeof value === 'boolean' ? value : fields.fail(field, 'true or false');
}

function checkSpace(what: string, found: SpaceId, space: SpaceId): void {
  if (found !== space) new Fields(what, {}).fail('space', 'the space asked for');
}

export function decodeHeadOf(bytes: Uint8Array, space: SpaceId): Head {
  const head = decodeHead(bytes);
  checkSpace('head', head.space, space);
  return head;
}

export function decodeReceiptOf(bytes: Uint8Array, space: SpaceId): Receipt {
  const receipt = decodeReceipt(bytes);
  checkSpace('receipt', receipt.space, space);
  return receipt;
}

/** A segment of the feed that was asked for, and of no other. */
export function decodeSegmentOf(bytes: Uint8Array, space: SpaceId, origin: Origin): Segment {
  const segment = decodeSegment(bytes);
  checkSpace('segment', segment.header.space, space);
  const same = originKey(segment.header.origin) === originKey(origin);
  return same ? segment : new Fields('segment', {}).fail('origin', 'the feed asked for');
}

export const encodeEvent = ({ space, origin, seq }: PeerEvent): Uint8Array =>
  encode({ v: 1, space: bytesOf(space), ...originFields(origin), seq });

export function decodeEvent(bytes: Uint8Array): PeerEvent {
  const fields = new Fields('event', decode(bytes, maxSmallFrame));
  fields.int('v', 1, 1);
  const event = {
    space: fields.id('space', 16, parseSpaceId),
    origin: readOrigin(fields),
    seq: fields.int('seq', 0, maxSeq),
  };
  fields.end();
  return event;
}
