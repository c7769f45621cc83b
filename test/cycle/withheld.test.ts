/** A part of a feed is judged by what follows it: only what never comes is withheld. */
import { afterEach, describe, expect, it } from 'vitest';
import { withheldMs } from '#agent/cycle/accept.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { agree, TestNode } from './node.ts';
import { type Signed, SignedFeed } from './signed-feed.ts';

const open: TestNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node[Symbol.asyncDispose]();
});

async function world() {
  const members = [
    ['H29.12', 'publish', 'subscribe'],
    ['H29.13', 'publish'],
    ['H29', 'relay'],
  ] as const;
  const { parties, agreement } = await agree(...members);
  const node = await TestNode.open(parties[0], agreement);
  open.push(node);
  const party = (i: number) => parties[i] as Identity;
  const feed = (i: number) => new SignedFeed(party(i), agreement);
  return { node, feed, relay: party(2).node, accept: node.own.acceptor };
}

describe('a segment', () => {
  it.each([
    ['is fine when a later record of the tag excuses it', 0, undefined],
    ['is withheld when none does', 1, { code: 'FEED_WITHHELD', details: { seq: 2 } }],
  ])('without a body %s', async (_what, at, failure) => {
    const { node, feed, accept, relay } = await world();
    const b = feed(1);
    const first = b.next([Buffer.from('old'), Buffer.from('other')], ['aa', 'bb']);
    const second = b.next([Buffer.from('new')], ['aa']);
    const bodies = first.segment.bodies.map((body, i) => (i === at ? undefined : body));
    const segments = [{ ...first.segment, bodies }, second.segment];
    expect(await accept.accept(relay, segments, second.head)).toBe(3);
    node.clock.ms += withheldMs;
    const again = accept.accept(relay, segments, second.head);
    if (failure) await expect(again).rejects.toMatchObject(failure);
    else expect(await again).toBe(0);
  });

  it('without a body is no lie while the record that replaces it is on its way', async () => {
    const { node, feed, accept, relay } = await world();
    const b = feed(1);
    const part = ({ segment, head }: Signed) => ({ segment: { ...segment, bodies: [undefined] }, head });
    const save = (n: number) => b.next([Buffer.from(`save ${n}`)], ['aa']);
    for (let n = 0; n < 10; n++) {
      const { segment, head } = part(save(n));
      // From the relay to a reader, and from the author to the relay: neither is refused, however long it goes on.
      expect(await accept.accept(n % 2 ? relay : head.origin.node, [segment], head)).toBe(1);
      node.clock.ms += withheldMs - 1;
      expect(await accept.withheld(b.origin)).toBeUndefined();
    }
    const last = save(10);
    await accept.accept(relay, [last.segment], last.head);
    expect(await node.own.state.owed(b.origin)).toBeUndefined();
    node.clock.ms += withheldMs;
    expect(await accept.withheld(b.origin)).toBeUndefined();
  });

  it('of its author is never refused for a body that it leaves out; it is shown as missing', async () => {
    const { node, feed, accept } = await world();
    const { segment, head } = feed(1).filled(2);
    const push = () =>
      accept.accept(head.origin.node, [{ ...segment, bodies: [undefined, undefined] }], head);
    await push();
    node.clock.ms += withheldMs;
    await push();
    expect(await accept.withheld(head.origin)).toBe(1);
  });
});
