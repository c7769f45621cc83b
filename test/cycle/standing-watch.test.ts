/** What agreements rest on ends with the time: told once each, and the rest of the space hears of it. */
import { expect, it } from 'vitest';
import { parseAgreement } from '#agent/core/agreement.ts';
import { nextRevision } from '#agent/core/amendment.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { StandingWatch } from '#agent/cycle/standing-watch.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { sampleSystem } from '#test/trust/agreed.ts';
import { agree, TestNode } from './node.ts';

const until = '2026-11-10T00:00:00.000Z';

async function watched(lapses: number) {
  const { parties, agreement } = await agree(
    ['H29.12', 'publish', 'subscribe'],
    ['H29.13', 'subscribe'],
    ['H29', 'relay'],
  );
  const node = await TestNode.open(parties[0], agreement);
  const system = { ...sampleSystem, validUntil: until };
  const members = agreement.members.map((m, i) => (i === lapses ? { ...m, system } : m));
  const next = await signAgreement(parseAgreement({ ...nextRevision(agreement), members }), parties[0]);
  const changed: SpaceId[] = [];
  const parts = { book: node.book, emit: node.emit, changed: (id: SpaceId) => void changed.push(id) };
  const watch = new StandingWatch(parts);
  const look = () => {
    node.events.length = 0;
    watch.look([agreement.space]);
    watch.look([agreement.space]);
    return node.events.map((e) => ('code' in e ? `${e.type} ${e.code}` : e.type));
  };
  return {
    node,
    look,
    next,
    changed,
    space: agreement.space,
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

it('tells of a new revision, of a lapsed member, and of the end of the term, once each', async () => {
  await using at = await watched(1);
  expect(at.look()).toEqual([]);
  await at.node.book.accept(at.next);
  expect(at.look()).toEqual(['note AGREEMENT_IN_FORCE']);
  expect(at.changed).toEqual([at.space]);
  at.node.clock.ms = Date.parse(until);
  expect(at.look()).toEqual(['error READER_SYSTEM_EXPIRED']);
  expect(at.changed).toEqual([at.space, at.space]);
  at.node.clock.ms = Date.parse(at.next.notAfter);
  expect(at.look()).toEqual(['error AGREEMENT_EXPIRED']);
  expect(at.changed).toHaveLength(2);
});

it('awaits nothing of a lapsed member, and stops this node by its own approval', async () => {
  await using other = await watched(1);
  await other.node.book.accept(other.next);
  const peers = async () => (await other.node.facts()).peers.find(({ agency }) => agency === 'H29.13');
  expect(await peers()).toMatchObject({ takes: true, reads: true });
  expect(other.node.own.isMember(other.next.members[1]?.card.node as never)).toBe(true);
  other.node.clock.ms = Date.parse(until);
  expect(await peers()).toMatchObject({ takes: false, reads: false });
  expect(other.node.own.isMember(other.next.members[1]?.card.node as never)).toBe(false);
  await using own = await watched(0);
  await own.node.book.accept(own.next);
  own.node.clock.ms = Date.parse(until);
  expect(await own.node.standing()).toBe('no-agreement READER_SYSTEM_EXPIRED');
  expect((await own.node.facts()).agreement).toBe('lapsed');
});
