import { describe, expect, it, vi } from 'vitest';
import { ingest, ingestRecords } from '#agent/apply/ingest.ts';
import { encodeChange } from '#agent/core/change-codec.ts';
import { encode } from '#agent/core/codec.ts';
import { encodeRefusal } from '#agent/core/correction-codec.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { Origin } from '#agent/core/ids.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import { EpochKeys } from '#agent/seal/epoch.ts';
import { epochSecret } from '#agent/seal/key-types.ts';
import { gather } from '#test/exchange/sample-feed.ts';
import { Author, keysOf, originOf, space } from './author.ts';
import { Reader } from './reader.ts';

/** What `ingest` needs of a reader that holds every key. */
const knowing = (b: Reader) => ({
  state: b.state,
  me: b.me,
  keys: { keysFor: async (_s: unknown, o: Origin, e: number) => keysOf(o, e), learn: async () => {} },
  withholds: () => false,
});

const hostile = ['../out', '/etc/passwd', 'a/../../b', '.dongbo/root.json', '.DONGBO/x', 'a//b', '.', 'a\0b'];

/** The encoder does not look at paths: readers must. */
const rawChange = (a: Author, path: string) => encodeChange(a.link(path, 'x'));

describe('ingest', () => {
  it('puts the feed and the rows into one batch', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const { segment, head } = a.segment(a.file('f', 'x'), a.dir('d'));
    const batch = b.state.batch();
    const keys = {
      keysFor: async (_s: unknown, o: Origin, e: number) => keysOf(o, e),
      learn: async () => {},
    };
    expect(
      await ingest({ segment, head, state: b.state, keys, me: b.me, withholds: () => false, batch }),
    ).toMatchObject({
      items: 2,
      grants: 0,
      unopened: 0,
      problems: [],
    });
    expect([await b.state.row('f'), await b.state.head(a.origin), b.state.pendingCount()]).toEqual([
      undefined,
      undefined,
      0,
    ]);
    await batch.commit();
    expect([(await b.state.row('f'))?.remote?.seq, (await b.state.head(a.origin))?.seq]).toEqual([1, 2]);
    expect(b.state.pendingCount()).toBe(2);
  });

  it('keeps the last of two records of one path in a segment', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', 'one'), a.file('f', 'two')));
    expect((await b.state.row('f'))?.remote?.seq).toBe(2);
    await b.apply();
    expect(await b.tree()).toEqual({ f: 'two' });
  });

  it('an old record does not come back', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const old = a.segment(a.file('f', 'one'));
    const next = a.segment(a.file('f', 'two'));
    await b.take(a, old);
    await b.take(a, next);
    await b.apply();
    const batch = b.state.batch();
    const keys = {
      keysFor: async (_s: unknown, o: Origin, e: number) => keysOf(o, e),
      learn: async () => {},
    };
    await ingestRecords({
      segment: old.segment,
      state: b.state,
      keys,
      me: b.me,
      withholds: () => false,
      batch,
    });
    await batch.commit();
    expect(b.state.pendingCount()).toBe(0);
  });

  it.each(['raised', 'lowered'] as const)('feeds are read again: what was %s is no news', async (which) => {
    await using b = await Reader.open();
    const a = new Author(1);
    const high = new EpochKeys({
      ...{ space, origin: a.origin, epoch: 2, labelClass: 'RESTRICTED', suite: 'nacl-pq' },
      secret: epochSecret(new Uint8Array(32).fill(7)),
    });
    b.keysOf = (origin, epoch) => (epoch === 2 ? high : keysOf(origin, epoch));
    const keys = {
      keysFor: async (_s: unknown, o: Origin, e: number) => b.keysOf(o, e),
      learn: async () => {},
    };
    const under = (epochKeys: EpochKeys, text: string) => {
      const sealed = epochKeys.sealRecord(encodeChange(a.file('f', text)));
      const { epoch, labelClass } = epochKeys;
      return a.segmentOfBodies([encodeRecord({ type: 'item', epoch, labelClass, sealed })]);
    };
    const order = which === 'raised' ? ([a.keys, high] as const) : ([high, a.keys] as const);
    const segments = [under(order[0], 'một'), under(order[1], 'hai')];
    for (const one of segments) await b.take(a, one);
    await b.apply();
    const again = async () => {
      const batch = b.state.batch();
      const owed = vi.spyOn(batch, 'oweDrops');
      const common = { state: b.state, keys, me: b.me, withholds: () => false, batch };
      for (const { segment } of segments) await ingestRecords({ segment, ...common });
      return owed.mock.calls.map(([ids]) => ids.length);
    };
    // What stands is not taken back from peers, whatever class stood before it.
    expect(await again()).toEqual([]);
    expect((await b.state.row('f'))?.remote?.seq).toBe(2);
  });

  it.each(hostile)('a path that gets out is a named problem and never a row: %j', async (path) => {
    await using b = await Reader.open();
    const a = new Author(1);
    const { problems } = await b.take(a, a.segmentOf([rawChange(a, path), rawChange(a, 'good')]));
    expect(problems).toEqual([
      {
        code: 'PATH_ESCAPES',
        path: `/feed:${a.origin.node}/1`,
        details: { node: a.origin.node, seq: 1, rule: expect.any(String) },
      },
    ]);
    expect([await b.state.row(path), await b.state.head(a.origin)]).toMatchObject([undefined, { seq: 2 }]);
    await b.apply();
    expect(await b.tree()).toEqual({ good: '-> x' });
  });

  it('a tampered record is a problem that names its place; the others are taken', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const flipped = a.segmentOf([rawChange(a, 'f')], (sealed) => {
      const copy = sealed.slice();
      copy[40] = (copy[40] ?? 0) ^ 1;
      return copy;
    });
    const { problems } = await b.take(a, flipped);
    expect(problems).toMatchObject([{ code: 'RECORD_TAMPERED', details: { seq: 1, rule: 'seal' } }]);
    expect(await b.problems()).toEqual({ [`/feed:${a.origin.node}/1`]: 'RECORD_TAMPERED' });
  });

  it('a record under another label class, of another kind, or no record at all', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const sealed = a.keys.sealRecord(rawChange(a, 'f'));
    const bodies = [
      encodeRecord({ type: 'item', epoch: 1, labelClass: 'PUBLIC', sealed }),
      encode({ type: 'surprise' }),
      Uint8Array.of(0xff, 0x00),
      encodeRecord({
        type: 'item',
        epoch: 1,
        labelClass: 'INTERNAL',
        sealed: a.keys.sealRecord(encode({ path: 'f' })),
      }),
    ];
    const { problems } = await b.take(a, a.segmentOfBodies(bodies));
    expect(problems.map((p) => p.code)).toEqual([
      'RECORD_TAMPERED',
      'RECORD_MALFORMED',
      'RECORD_MALFORMED',
      'RECORD_MALFORMED',
    ]);
    expect(b.state.pendingCount()).toBe(0);
  });

  it('a record of an epoch that is closed to us is counted, and opened once we hold the key', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const { segment, head } = a.segment(a.file('f', 'x'));
    b.authors.push(a);
    let granted = false;
    const keys = {
      keysFor: async (_s: unknown, o: Origin, e: number) => (granted ? keysOf(o, e) : undefined),
      learn: async () => {},
    };
    const batch = b.state.batch();
    expect(
      await ingest({ segment, head, state: b.state, keys, me: b.me, withholds: () => false, batch }),
    ).toMatchObject({
      unopened: 1,
      items: 0,
    });
    await batch.commit();
    granted = true;
    for await (const held of b.state.segments(a.origin, 1)) {
      const again = b.state.batch();
      await ingestRecords({
        segment: held,
        state: b.state,
        keys,
        me: b.me,
        withholds: () => false,
        batch: again,
      });
      await again.commit();
    }
    await b.apply();
    expect(await b.tree()).toEqual({ f: 'x' });
  });

  it('learns grants before the records after them, and reports those that do not open', async () => {
    const codes = ['GRANT_TAMPERED', 'GRANT_CHANGED', 'GRANT_OTHER_SUITE'];
    await using b = await Reader.open();
    const a = new Author(1);
    const grants = [{ node: b.me.node, enc: Uint8Array.of(1), sealed: Uint8Array.of(2) }];
    const grant = (epoch: number) =>
      encodeRecord({ type: 'grant', epoch, labelClass: 'INTERNAL', suite: 'nacl-pq', grants });
    const item = encodeRecord({
      type: 'item',
      epoch: 1,
      labelClass: 'INTERNAL',
      sealed: a.keys.sealRecord(rawChange(a, 'f')),
    });
    const { segment, head } = a.segmentOfBodies([grant(1), item, grant(2), grant(3), grant(4)]);
    const held = new Set<number>();
    const keys = {
      keysFor: async (_s: unknown, o: Origin, e: number) => (held.has(e) ? keysOf(o, e) : undefined),
      learn: async (_s: unknown, _o: Origin, { epoch }: { epoch: number }) => {
        const refusal = codes[epoch - 2];
        if (refusal) throw new DongboError(refusal, { epoch });
        held.add(epoch);
      },
    };
    const batch = b.state.batch();
    const taken = await ingest({
      segment,
      head,
      state: b.state,
      keys,
      me: b.me,
      withholds: () => false,
      batch,
    });
    expect(taken).toMatchObject({ grants: 4, items: 1, unopened: 0 });
    expect(taken.problems.map((problem) => problem.code)).toEqual(codes);
  });

  it('keeps out what the space does not admit, as if it had not been opened', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const asked: string[][] = [];
    const admits = (path: string, labelClass: string) => {
      asked.push([path, labelClass]);
      return path !== 'kept out';
    };
    const { segment, head } = a.segment(a.file('kept out', 'x'), a.file('taken', 'y'));
    const batch = b.state.batch();
    const taken = await ingest({ ...{ segment, head, batch, admits }, ...knowing(b) });
    await batch.commit();
    expect(taken).toMatchObject({ items: 1, unmarked: 1, unopened: 1 });
    expect(asked).toEqual([
      ['kept out', 'INTERNAL'],
      ['taken', 'INTERNAL'],
    ]);
    expect([await b.state.row('kept out'), (await b.state.row('taken'))?.remote?.seq]).toEqual([
      undefined,
      2,
    ]);
  });

  it.each([
    ['the master owner, which keeps it', true],
    ['another member, to whom it is no business', false],
  ])('a proposal that comes to %s', async (_to, toOwner) => {
    await using b = await Reader.open();
    const a = new Author(1);
    const { segment, head } = a.segment(a.file('f', 'x'));
    const masterOwner = toOwner ? b.me.node : originOf(7).node;
    const batch = b.state.batch();
    const parts = knowing(b);
    const taken = await ingest({ ...{ segment, head, batch }, ...parts, me: { ...parts.me, masterOwner } });
    await batch.commit();
    expect(taken.proposals).toBe(toOwner ? 1 : 0);
    expect(await b.state.row('f')).toBeUndefined();
    expect(await gather(b.state.corrections('in/'))).toHaveLength(toOwner ? 1 : 0);
  });
});

it('an answer to a proposal counts from a master owner alone', async () => {
  await using b = await Reader.open();
  const a = new Author(1);
  const sealed = keysOf(b.me).sealRecord(encodeRefusal({ seq: 1, reason: 'no' }));
  const { items, answers } = await b.take(
    a,
    a.segment({ ...a.file('f', 'x'), answer: { to: b.me, epoch: 1, sealed } }),
  );
  expect([items, answers]).toEqual([1, []]);
});
