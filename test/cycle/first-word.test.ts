/** What a node must have heard before it publishes: it may have lost what it knew of others, and of itself. */
import { afterEach, describe, expect, it } from 'vitest';
import { FirstWord } from '#agent/cycle/first-word.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { agree, type Members, TestNode } from './node.ts';
import { SignedFeed } from './signed-feed.ts';

const members: Members = [
  ['H29.12', 'publish', 'subscribe'],
  ['H29.13', 'publish', 'subscribe'],
  ['H29', 'relay'],
];
const open: TestNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node[Symbol.asyncDispose]();
});

async function world(dials = true) {
  const { parties, agreement } = await agree(...members);
  const party = (i: number) => parties[i] as Identity;
  const node = await TestNode.open(party(0), agreement);
  open.push(node);
  const { own } = node;
  const at = { ms: 0, caughtUp: false };
  const clock = { monotonic: () => at.ms };
  const word = new FirstWord({ own, clock, dials, caughtUp: async () => at.caughtUp });
  const comes = async (feed: SignedFeed) => {
    const { segment, head } = feed.filled(2);
    await own.acceptor.accept(party(2).node, [segment], head);
  };
  const hear = () => own.heardOf();
  const other = new SignedFeed(party(1), agreement);
  const wrote = async () => {
    const { segment, head } = new SignedFeed(party(0), agreement, own.origin.incarnation).filled(1);
    const batch = own.state.batch();
    await batch.append(segment, head);
    await batch.commit();
  };
  return { at, word, hear, wrote, comes: () => comes(other) };
}

describe('whose index is empty', () => {
  it('waits for who it calls, however long that takes, and until it holds what they hold', async () => {
    const { at, word, hear } = await world();
    for (const ms of [0, 10_000, 86_400_000]) {
      at.ms = ms;
      expect(await word.has()).toBe(false);
    }
    hear();
    expect(await word.has()).toBe(false);
    at.caughtUp = true;
    expect(await word.has()).toBe(true);
    at.caughtUp = false;
    expect(await word.has()).toBe(true);
  });

  it('is not held up by what somebody has and does not give', async () => {
    const { at, word, hear, comes } = await world();
    hear();
    expect(await word.has()).toBe(false);
    at.ms = 19_000;
    await comes();
    expect(await word.has()).toBe(false);
    at.ms = 38_000;
    expect(await word.has()).toBe(false);
    at.ms = 39_000;
    expect(await word.has()).toBe(true);
  });

  it('and who calls nobody, waits for a while to be called, and for what is brought', async () => {
    const { at, word } = await world(false);
    expect(await word.has()).toBe(false);
    at.caughtUp = true;
    at.ms = 2_000;
    expect(await word.has()).toBe(false);
    at.ms = 3_000;
    expect(await word.has()).toBe(true);
    const alone = await world(false);
    expect(await alone.word.has()).toBe(false);
    alone.at.ms = 10_000;
    expect(await alone.word.has()).toBe(true);
  });
});

it('who has an index waits for some seconds, and not at all where it calls nobody', async () => {
  const { at, word, wrote } = await world();
  await wrote();
  expect(await word.has()).toBe(false);
  at.ms = 10_000;
  expect(await word.has()).toBe(true);
  const heard = await world();
  await heard.wrote();
  heard.hear();
  expect(await heard.word.has()).toBe(true);
  const called = await world(false);
  await called.wrote();
  expect(await called.word.has()).toBe(true);
});
