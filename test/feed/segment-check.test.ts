import { describe, expect, it } from 'vitest';
import { receiptSigned } from '#agent/core/segment-codec.ts';
import { checkHead, checkReceipt, checkSegment } from '#agent/feed/segment-check.ts';
import { verifySignature } from '#agent/seal/verify.ts';
import { agreement, digest, space, TestFeed, tagOf } from './fixtures.ts';

const rules = { verify: verifySignature, space, agreements: new Set([agreement]) };

describe('checking what others send', () => {
  it('passes honest segments, with bodies left out too', () => {
    const feed = new TestFeed();
    const { segment, head } = feed.segment([
      ['a', '1'],
      ['a', '2', 'out'],
    ]);
    checkSegment(segment, rules);
    checkHead(head, rules);
    checkSegment(feed.segment([['b', '3']]).segment, { ...rules, after: { seq: 2, digest: head.digest } });
  });

  it('refuses every change to a segment', () => {
    const feed = new TestFeed();
    const { segment, head } = feed.segment([
      ['a', '1'],
      ['b', '2'],
    ]);
    const { segment: other } = new TestFeed().segment([
      ['a', '1'],
      ['b', '2'],
    ]);
    const flipped = Uint8Array.from(segment.headerBytes);
    flipped[20] = (flipped[20] ?? 0) ^ 1;
    const elsewhere = 'f'.repeat(32) as typeof space;
    const changed = [
      { ...segment, bodies: [Buffer.from('1'), Buffer.from('3')] },
      { ...segment, bodies: [Buffer.from('1')] },
      { ...segment, signature: other.signature },
      { ...segment, headerBytes: flipped },
      { ...segment, header: { ...segment.header, space: elsewhere } },
      { ...segment, header: { ...segment.header, agreement: digest('another') } },
      { ...segment, header: { ...segment.header, origin: other.header.origin } },
    ];
    for (const one of changed) expect(() => checkSegment(one, rules)).toThrow('SEGMENT_REFUSED');
    expect(() => checkHead({ ...head, seq: 9 }, rules)).toThrow('SEGMENT_REFUSED');
    expect(() => checkHead({ ...head, space: elsewhere }, rules)).toThrow('SEGMENT_REFUSED');
    expect(() => checkSegment(segment, { ...rules, space: elsewhere })).toThrow('SEGMENT_REFUSED');
  });

  it('refuses what is rightly signed, but for another space or under another agreement', () => {
    const elsewhere = 'f'.repeat(32) as typeof space;
    const other = new TestFeed(undefined, { space: elsewhere, agreement }).segment([['a', '1']]);
    const rule = { details: expect.objectContaining({ rule: 'must be of this space' }) };
    expect(() => checkSegment(other.segment, rules)).toThrow(expect.objectContaining(rule));
    expect(() => checkHead(other.head, rules)).toThrow(expect.objectContaining(rule));
    checkHead(other.head, { ...rules, space: elsewhere });
    const reader = new TestFeed();
    const said = { space: elsewhere, reader: reader.origin.node, origin: reader.origin, seq: 1 };
    const unsigned = { ...said, digest: digest('d'), time: 1 };
    const receipt = { ...unsigned, signature: reader.sign('receipt', receiptSigned(unsigned)) };
    expect(() => checkReceipt(receipt, rules)).toThrow(expect.objectContaining(rule));
    checkReceipt(receipt, { ...rules, space: elsewhere });
    const under = new TestFeed(undefined, { space, agreement: digest('another') }).segment([['a', '1']]);
    expect(() => checkSegment(under.segment, rules)).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ rule: 'must name the agreement in force' }),
      }),
    );
  });

  it('refuses a header that is not the one that was signed', () => {
    const { segment } = new TestFeed().segment([['a', '1']]);
    const entries = [{ tag: tagOf('z'), hash: digest('1') }];
    const header = { ...segment.header, entries };
    expect(() => checkSegment({ ...segment, header }, rules)).toThrow('SEGMENT_REFUSED');
  });

  it('sees gaps and forks when it knows what comes before', () => {
    const feed = new TestFeed();
    const first = feed.segment([['a', '1']]);
    const second = feed.segment([['b', '2']]);
    const third = feed.segment([['c', '3']]).segment;
    expect(() => checkSegment(third, { ...rules, after: { seq: 1, digest: first.head.digest } })).toThrow(
      'FEED_GAP',
    );
    expect(() => checkSegment(third, { ...rules, after: { seq: 2, digest: first.head.digest } })).toThrow(
      'FEED_FORK',
    );
    checkSegment(third, { ...rules, after: { seq: 2, digest: second.head.digest } });
  });

  it('checks receipts', () => {
    const reader = new TestFeed();
    const unsigned = {
      space,
      reader: reader.origin.node,
      origin: reader.origin,
      seq: 1,
      digest: digest('d'),
      time: 1,
    };
    const receipt = { ...unsigned, signature: reader.sign('receipt', receiptSigned(unsigned)) };
    checkReceipt(receipt, rules);
    expect(() => checkReceipt({ ...receipt, seq: 2 }, rules)).toThrow('SEGMENT_REFUSED');
  });
});
