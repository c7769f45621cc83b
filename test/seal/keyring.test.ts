import { beforeAll, describe, expect, it } from 'vitest';
import type { Agreement, Role } from '#agent/core/agreement.ts';
import { decode, encode } from '#agent/core/codec.ts';
import { isCode } from '#agent/core/errors.ts';
import { type Origin, parseIncarnation } from '#agent/core/ids.ts';
import type { GrantRecord } from '#agent/core/record.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import { EpochKeys } from '#agent/seal/epoch.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { draft, makeParties, SetClock, seededRandom } from '#test/trust/parties.ts';
import { MemorySecrets } from './memory-secrets.ts';

const label = 'INTERNAL';
const clock = new SetClock();
const both: Role[] = ['publish', 'subscribe'];
const plain = new TextEncoder().encode('Tờ trình số 5');
let a: Identity;
let b: Identity;
let c: Identity;
let relay: Identity;
let agreement: Agreement;
let origin: Origin;

const suiteOf = (): SuiteName => 'nacl-pq';

/** As a grant of an older release. */
const unnamed = ({ form: _, ...record }: GrantRecord): GrantRecord => record;

const ringOf = (identity: Identity, store = new MemorySecrets()) =>
  new Keyring({ identity, store, random: seededRandom(`ring ${identity.agency}`), clock, suiteOf });

beforeAll(async () => {
  [a, b, c, relay] = await makeParties('H29.1', 'H29.2', 'H29.3', 'H29.9');
  agreement = draft([
    [a, ...both],
    [b, ...both],
    [c, ...both],
    [relay, 'relay'],
  ]);
  origin = { node: a.node, incarnation: parseIncarnation('0a'.repeat(8)) };
});

describe('granting an epoch', () => {
  it('gives the key to each subscriber and the publisher, never to a relay', async () => {
    const ring = ringOf(a);
    const { keys } = await ring.current(agreement, origin, label);
    const record = await ring.grant(agreement, keys);
    expect(record.grants.map((g) => g.node)).toEqual([a.node, b.node, c.node]);
    const sealed = keys.sealRecord(plain);
    for (const reader of [a, b, c]) {
      const theirs = ringOf(reader);
      await theirs.learn(agreement.space, origin, record);
      const opened = await theirs.keysFor(agreement.space, origin, keys.epoch);
      expect(opened?.openRecord(sealed)).toEqual(plain);
    }
    const blind = ringOf(relay);
    await blind.learn(agreement.space, origin, record);
    expect(await blind.keysFor(agreement.space, origin, keys.epoch)).toBeUndefined();
  });

  it('gives nothing to a member below the label, or that only publishes', async () => {
    const strict = draft([
      [a, ...both],
      [b, 'subscribe'],
      [c, 'publish'],
    ]);
    const members = strict.members.map((m) =>
      m.card.node === b.node ? { ...m, highestLabel: 'PUBLIC' } : m,
    );
    const ring = ringOf(a);
    const { keys } = await ring.current({ ...strict, members }, origin, label);
    const record = await ring.grant({ ...strict, members }, keys);
    expect(record.grants.map((g) => g.node)).toEqual([a.node]);
  });
});

describe('the current epoch', () => {
  it('stays the same, across restarts too, and has one grant tag', async () => {
    const store = new MemorySecrets();
    const ring = ringOf(a, store);
    const [first, again] = await Promise.all([
      ring.current(agreement, origin, label),
      ring.current(agreement, origin, label),
    ]);
    expect(again.keys).toBe(first.keys);
    const restarted = await ringOf(a, store).current(agreement, origin, label);
    expect(restarted.keys.secret).toEqual(first.keys.secret);
    expect(restarted.grantTag).toBe(first.grantTag);
    expect(restarted.keys.epoch).toBe(1);
  });

  it('opens anew when a member leaves or loses clearance, and the old one stays readable here', async () => {
    const ring = ringOf(a);
    const { keys: before, grantTag } = await ring.current(agreement, origin, label);
    const fewer = draft([
      [a, ...both],
      [b, ...both],
    ]);
    const after = await ring.current(fewer, origin, label);
    expect(after.keys.epoch).toBe(before.epoch + 1);
    expect(after.keys.secret).not.toEqual(before.secret);
    expect(after.grantTag).not.toBe(grantTag);
    expect((await ring.grant(fewer, after.keys)).grants.map((g) => g.node)).toEqual([a.node, b.node]);
    expect(await ring.keysFor(agreement.space, origin, before.epoch)).toBe(before);
  });

  it('opens anew for a member that has another key', async () => {
    const ring = ringOf(a);
    const { keys: before } = await ring.current(agreement, origin, label);
    const { wrapKey } = relay.card;
    const members = agreement.members.map((m) =>
      m.card.node === b.node ? { ...m, card: { ...m.card, wrapKey } } : m,
    );
    const { keys: after } = await ring.current({ ...agreement, members }, origin, label);
    expect(after.epoch).toBe(before.epoch + 1);
  });

  it('is another for each label class and origin, and numbers are never used twice', async () => {
    const ring = ringOf(a);
    const other = { ...origin, incarnation: parseIncarnation('0b'.repeat(8)) };
    const one = await ring.current(agreement, origin, label);
    const two = await ring.current(agreement, origin, 'PUBLIC');
    const three = await ring.current(agreement, other, label);
    expect([one, two, three].map(({ keys }) => keys.epoch)).toEqual([1, 2, 1]);
    expect(new Set([one, two, three].map(({ keys }) => keys.secret?.toHex())).size).toBe(3);
    expect((await ring.current(agreement, origin, label)).keys).toBe(one.keys);
  });
});

describe('the form of an epoch', () => {
  const strict = 'CONFIDENTIAL';
  /** Cleared for it. */
  const cleared = () => ({
    ...agreement,
    label: { sensitivity: strict, secrecy: 'NONE', personalData: 'NONE' } as const,
    members: agreement.members.map((m) => ({ ...m, highestLabel: strict })),
  });

  it('is what the label class asks for, and readers learn it from the grant', async () => {
    for (const [labelClass, form] of [
      [label, 'steps'],
      [strict, 'cells'],
    ] as const) {
      const ring = ringOf(a);
      const { keys } = await ring.current(cleared(), origin, labelClass);
      const theirs = ringOf(b);
      await theirs.learn(agreement.space, origin, await ring.grant(cleared(), keys));
      const learnt = await theirs.keysFor(agreement.space, origin, keys.epoch);
      expect([keys.form, learnt?.form]).toEqual([form, form]);
      expect(learnt?.openRecord(keys.sealRecord(plain))).toEqual(plain);
    }
  });

  it('stays what it was, for what an older release has sealed; new content goes under a new epoch', async () => {
    const store = new MemorySecrets();
    const before = (await ringOf(a, store).current(cleared(), origin, strict)).keys;
    const old = forget(store);
    const opened = await ringOf(a, store).keysFor(agreement.space, origin, before.epoch);
    expect(opened?.form).toBe('padme');
    const { id, sealed } = old.seal(plain);
    expect(opened?.openChunk(id, sealed)).toEqual(plain);
    expect(opened?.openRecord(old.sealRecord(plain))).toEqual(plain);
    const after = await ringOf(a, store).current(cleared(), origin, strict);
    expect([after.keys.form, after.keys.epoch]).toEqual(['cells', before.epoch + 1]);

    /** The store as an older release wrote it: no form anywhere. */
    function forget({ entries }: MemorySecrets): EpochKeys {
      const [key, bytes] = [...entries].find(([name]) => name.startsWith('epoch/')) ?? [];
      const { form, ...rest } = decode(bytes as Uint8Array) as Record<string, unknown>;
      expect(form).toBe('cells');
      entries.set(key ?? '', encode(rest));
      const { space, epoch, labelClass, suite, secret } = before;
      if (!secret) throw new Error('a key of a device');
      return new EpochKeys({ space, origin, epoch, labelClass, suite, secret });
    }
  });
});

describe('learning a grant', () => {
  async function granted(): Promise<GrantRecord> {
    const ring = ringOf(a);
    return ring.grant(agreement, (await ring.current(agreement, origin, label)).keys);
  }

  const codeOf = (promise: Promise<void>) =>
    promise.then(
      () => 'fine',
      (error: unknown) =>
        isCode(error, 'GRANT_TAMPERED') || isCode(error, 'GRANT_CHANGED') ? error.code : error,
    );

  it('refuses one moved to another space, origin, epoch, label or reader', async () => {
    const record = await granted();
    const [forA, forB] = record.grants;
    if (!forA || !forB) throw new Error('no grants');
    const space = 'ff'.repeat(16) as typeof agreement.space;
    const moved = { ...origin, incarnation: parseIncarnation('0c'.repeat(8)) };
    const swapped = { ...record, grants: [{ ...forA, node: b.node }] };
    const tampered: Promise<void>[] = [
      ringOf(b).learn(space, origin, record),
      ringOf(b).learn(agreement.space, moved, record),
      ringOf(b).learn(agreement.space, { ...origin, node: c.node }, record),
      ringOf(b).learn(agreement.space, origin, { ...record, epoch: 2 }),
      ringOf(b).learn(agreement.space, origin, { ...record, labelClass: 'PUBLIC' }),
      ringOf(b).learn(agreement.space, origin, { ...record, form: 'cells' }),
      ringOf(b).learn(agreement.space, origin, unnamed(record)),
      ringOf(b).learn(agreement.space, origin, swapped),
    ];
    expect(await Promise.all(tampered.map(codeOf))).toEqual(tampered.map(() => 'GRANT_TAMPERED'));
  });

  it('keeps the first key when the same epoch is granted again with another', async () => {
    const [ring, record] = [ringOf(b), await granted()];
    await ring.learn(agreement.space, origin, record);
    expect(await codeOf(ring.learn(agreement.space, origin, record))).toBe('fine');
    const clone = new Keyring({
      identity: a,
      store: new MemorySecrets(),
      random: seededRandom('a clone'),
      clock,
      suiteOf,
    });
    const { keys } = await clone.current(agreement, origin, label);
    expect(await codeOf(ring.learn(agreement.space, origin, await clone.grant(agreement, keys)))).toBe(
      'GRANT_CHANGED',
    );
    const first = await ringOf(a).current(agreement, origin, label);
    expect((await ring.keysFor(agreement.space, origin, 1))?.secret).toEqual(first.keys.secret);
  });
});

describe('tags', () => {
  it('are the same for the same path, and nobody else can make them', async () => {
    const store = new MemorySecrets();
    const ring = ringOf(a, store);
    const path = 'Công văn/đến số 1.docx';
    const [one, two] = await Promise.all([ring.tagOf(agreement, path), ring.tagOf(agreement, path)]);
    expect(one).toBe(two);
    expect(await ringOf(a, store).tagOf(agreement, path)).toBe(one);
    expect(await ringOf(b).tagOf(agreement, path)).not.toBe(one);
    expect(await ring.tagOf(agreement, `${path}x`)).not.toBe(one);
    expect(
      await ring.tagOf({ ...agreement, space: 'ff'.repeat(16) as typeof agreement.space }, path),
    ).not.toBe(one);
  });
});

describe('an epoch that is destroyed', () => {
  it('is gone for who reads it at that moment, too, and after a start', async () => {
    class ReadWhileErased extends MemorySecrets {
      override async erase(key: string): Promise<void> {
        await ring.keysFor(agreement.space, origin, 1);
        await super.erase(key);
      }
    }
    const store = new ReadWhileErased();
    const ring = ringOf(a, store);
    await ring.current(agreement, origin, label);
    await ring.destroy(agreement.space, origin, 1);
    expect(await ring.keysFor(agreement.space, origin, 1)).toBeUndefined();
    expect(await ringOf(a, store).keysFor(agreement.space, origin, 1)).toBeUndefined();
    expect(await ring.facts(agreement.space, origin, 1)).toMatchObject({ why: 'new', destroyed: clock.ms });
    // Its number is not given out again.
    const { keys } = await ring.rotate(agreement, origin, label, { why: 'timetable' });
    expect(keys.epoch).toBe(2);
  });

  it('is taken from no grant again, after a start neither', async () => {
    const ring = ringOf(a);
    const record = await ring.grant(agreement, (await ring.current(agreement, origin, label)).keys);
    const store = new MemorySecrets();
    const reader = ringOf(b, store);
    await reader.learn(agreement.space, origin, record);
    await reader.destroy(agreement.space, origin, 1);
    await reader.learn(agreement.space, origin, record);
    for (const one of [reader, ringOf(b, store)])
      expect(await one.keysFor(agreement.space, origin, 1)).toBeUndefined();
  });
});
