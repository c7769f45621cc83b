/** Every document of the wire, changed: it is taken, or refused by name, and what is taken can be written down again. */
import { expect, it } from 'vitest';
import { auditHeadSigned, decodeAuditHead, encodeAuditHead } from '#agent/core/audit-head.ts';
import { cellData, rulesOf } from '#agent/core/cells.ts';
import { decodeChange, encodeChange } from '#agent/core/change-codec.ts';
import { decodeRefs, encodeRefs } from '#agent/core/chunk-refs.ts';
import { decodeRefusal, encodeRefusal } from '#agent/core/correction-codec.ts';
import { decodeRecord, encodeRecord } from '#agent/core/record-codec.ts';
import {
  decodeHead,
  decodeReceipt,
  decodeSegment,
  encodeHead,
  encodeReceipt,
  encodeSegment,
} from '#agent/core/segment-codec.ts';
import {
  auditHeader,
  auditHeaderText,
  decodeAuditWords,
  encodeAuditWords,
  readAuditHeader,
} from '#agent/exchange/audit-words.ts';
import { frame, readChunks, readFrames, unpackCount, unpackIds } from '#agent/exchange/frames.ts';
import { routeOf } from '#agent/exchange/routes.ts';
import { packAsk, packWanted, unpackAsk, unpackWanted } from '#agent/exchange/wanted-codec.ts';
import {
  decodeEvent,
  decodeHeadsReply,
  encodeEvent,
  encodeHeadsReply,
} from '#agent/exchange/wire-messages.ts';
import { Author } from '#test/apply/author.ts';
import {
  auditHeadOf,
  auditWordsOf,
  chunkNamed,
  feedOf,
  gather,
  headAt,
  idNamed,
  nodeNamed,
  originOf,
  receiptFor,
  spaceNamed,
  streamOf,
} from '#test/exchange/sample-feed.ts';
import { fuzz, fuzzLimit, refusedAtMost } from './fuzz.ts';
import { mutateCbor, mutateText } from './mutate.ts';

const space = spaceNamed('fuzz');
const node = nodeNamed('a');
const feed = feedOf(space, originOf(node), 3, 5);
const segment = feed[2];
if (!segment) throw new Error('three segments');
const head = headAt(segment);
const receipt = receiptFor(head, nodeNamed('b'));
const author = new Author(1);
const change = author.file('thư mục/tệp.txt', new Uint8Array(900_000));
const inCells = {
  ...change,
  state: { ...change.state, size: cellData },
  content: { levels: 0, refs: [{ id: idNamed('1'), length: cellData }] },
};
const words = auditWordsOf(node, nodeNamed('b'));
const wanted = [1, 2, 3].map((n) => ({ author: node, id: idNamed(`${n}`), open: n === 2 }));
const reply = {
  heads: feed.slice(2).map(headAt),
  receipts: [receipt],
  dialsBack: true,
  role: 'relay',
  wanted,
  audit: words,
} as const;
const ids = Buffer.concat([1, 2, 3].map((n) => Buffer.from(idNamed(`${n}`), 'hex')));
const chunk = chunkNamed('x');
const chunks = Buffer.concat([Buffer.from(chunk.id, 'hex'), Buffer.from([0, 0, 3, 232]), chunk.sealed]);
const grant = {
  type: 'grant',
  epoch: 2,
  labelClass: 'INTERNAL',
  suite: 'nacl-pq',
  form: 'cells',
  grants: [{ node, enc: new Uint8Array(40), sealed: new Uint8Array(48) }],
} as const;
const framed = Buffer.concat([frame(encodeHead(head)), frame(encodeSegment(segment))]);

interface Document {
  readonly valid: Uint8Array;
  /** Takes it, and writes down again what it took. */
  readonly take: (bytes: Uint8Array) => unknown;
}

const documents: Readonly<Record<string, Document>> = {
  head: { valid: encodeHead(head), take: (b) => encodeHead(decodeHead(b)) },
  receipt: { valid: encodeReceipt(receipt), take: (b) => encodeReceipt(decodeReceipt(b)) },
  segment: { valid: encodeSegment(segment), take: (b) => encodeSegment(decodeSegment(b)) },
  item: {
    valid: encodeRecord({ type: 'item', epoch: 1, labelClass: 'INTERNAL', sealed: new Uint8Array(600) }),
    take: (b) => encodeRecord(decodeRecord(b)),
  },
  grant: { valid: encodeRecord(grant), take: (b) => encodeRecord(decodeRecord(b)) },
  change: { valid: encodeChange(change), take: (b) => encodeChange(decodeChange(b)) },
  'change in cells': {
    valid: encodeChange(inCells),
    take: (b) => encodeChange(decodeChange(b, rulesOf('cells'))),
  },
  link: { valid: encodeChange(author.link('l', 'đích')), take: (b) => encodeChange(decodeChange(b)) },
  refusal: { valid: encodeRefusal({ seq: 3, reason: 'sai' }), take: (b) => encodeRefusal(decodeRefusal(b)) },
  'heads reply': {
    valid: encodeHeadsReply(reply),
    take: (b) => encodeHeadsReply(decodeHeadsReply(b, space)),
  },
  'audit head': {
    valid: encodeAuditHead(auditHeadOf(node, 9)),
    take: (b) => [encodeAuditHead(decodeAuditHead(b)), auditHeadSigned(decodeAuditHead(b))],
  },
  'audit words': { valid: encodeAuditWords(words), take: (b) => encodeAuditWords(decodeAuditWords(b)) },
  refs: {
    valid: encodeRefs([{ id: idNamed('1'), length: 70_000 }]),
    take: (b) => encodeRefs(decodeRefs(b)),
  },
  ids: { valid: ids, take: (b) => unpackIds(b, 100) },
  ask: { valid: packAsk(node, [idNamed('1')]), take: (b) => unpackAsk(b, 100) },
  wanted: { valid: packWanted(wanted), take: (b) => packWanted(unpackWanted(b, 100)) },
  count: { valid: Uint8Array.of(0, 0, 0, 7), take: (b) => unpackCount(b, 100) },
  event: {
    valid: encodeEvent({ space, origin: originOf(node), seq: 7 }),
    take: (b) => encodeEvent(decodeEvent(b)),
  },
  frames: { valid: framed, take: (b) => gather(readFrames(streamOf([b]), { frame: 10_000, total: 20_000 })) },
  chunks: { valid: chunks, take: (b) => gather(readChunks(streamOf([b]), 20_000)) },
};

it('documents', fuzzLimit, async () => {
  const names = Object.keys(documents);
  await fuzz('documents of the wire', async (chance) => {
    const { valid, take } = documents[chance.pick(names)] as Document;
    const bytes = mutateCbor(chance, valid);
    await refusedAtMost(() => take(bytes));
  });
});

it.each(Object.entries(documents))(
  'the %s that is changed here is a true one',
  async (_name, { valid, take }) => {
    expect(await take(valid)).toBeDefined();
  },
);

it('request lines and headers', fuzzLimit, async () => {
  const lines = [
    `/v1/spaces/${space}/heads`,
    `/v1/spaces/${space}/segments/${node}.00000000000000aa?from=1`,
    `/v1/spaces/${space}/chunks/get`,
    '/v1/events',
  ];
  const text = auditHeaderText(words);
  expect([auditHeader, readAuditHeader(text)]).toEqual(['dongbo-audit', words]);
  await fuzz('request lines and headers', async (chance) => {
    const method = chance.pick(['GET', 'POST', 'PUT', '']);
    await refusedAtMost(() => routeOf(method, mutateText(chance, chance.pick(lines))));
    await refusedAtMost(() => readAuditHeader(mutateText(chance, text)));
  });
});
