/** State secrets while the device is away, or comes and goes: nothing of them is lost, shown or sent under other keys. */
import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Agreement } from '#agent/core/agreement.ts';
import { Pair, recordsOf, secret, textAt, twoParties } from './secret-pair.ts';
import { secretAgreement, TestDevice } from './secret-space.ts';
import type { SpaceNode } from './space-node.ts';

let agreement: Agreement;

beforeAll(async () => {
  agreement = await secretAgreement(await twoParties());
});

const shared = async (): Promise<{ pair: Pair; devices: readonly [TestDevice, TestDevice] }> => {
  const devices = [await TestDevice.ready(), await TestDevice.ready()] as const;
  const pair = await Pair.open(agreement, { device: devices[0] }, { device: devices[1] });
  await pair.write();
  await pair.carry();
  expect(await textAt(pair.b, secret)).toBe('kế hoạch');
  return { pair, devices };
};

const classesOf = async (node: SpaceNode): Promise<string[]> =>
  (await recordsOf(node)).map(({ type, labelClass }) => `${type} ${labelClass}`);

const told = ({ events }: SpaceNode): string =>
  JSON.stringify(events, (_, value) => (typeof value === 'bigint' ? String(value) : value));

describe('at the publisher', () => {
  it('an edit and a delete while it is away are not seen, and are shared once it is back', async () => {
    const { pair, devices } = await shared();
    await using _ = pair;
    devices[0].pullOut();
    await devices[0].tick();
    await writeFile(pair.a.at(secret), 'kế hoạch mới');
    const day = new Date('2001-01-01T00:00:00Z');
    await utimes(pair.a.at(secret), day, day);
    await pair.carry();
    expect((await stat(pair.a.at(secret))).atime).toEqual(day);
    expect(await textAt(pair.b, secret)).toBe('kế hoạch');
    expect(await pair.a.problems()).toMatchObject({ '/secret:MAT': 'CIPHER_DEVICE_GONE' });
    await devices[0].putBack();
    await pair.carry();
    expect(await textAt(pair.b, secret)).toBe('kế hoạch mới');
    expect(await pair.a.problems()).toEqual({});
    devices[0].pullOut();
    await devices[0].tick();
    await rm(pair.a.at('mat'), { recursive: true });
    await pair.carry();
    expect(await textAt(pair.b, secret)).toBe('kế hoạch mới');
    await devices[0].putBack();
    await pair.carry();
    expect(await textAt(pair.b, secret)).toBe('none');
  });

  it('taken away in the middle of a look, it holds up no other item', async () => {
    const { pair, devices } = await shared();
    await using _ = pair;
    await writeFile(pair.a.at(secret), 'kế hoạch mới');
    await writeFile(pair.a.at('thường.txt'), 'thường mới');
    devices[0].pullOut();
    await pair.carry();
    expect(await textAt(pair.b, 'thường.txt')).toBe('thường mới');
    expect(await textAt(pair.b, secret)).toBe('kế hoạch');
    expect(pair.a.events.filter(({ type }) => type === 'error')).toEqual([]);
    await devices[0].putBack();
    await pair.carry();
    expect(await textAt(pair.b, secret)).toBe('kế hoạch mới');
  });

  it('serves nothing of them meanwhile', async () => {
    const { pair, devices } = await shared();
    await using _ = pair;
    const { content } = (await pair.a.own.state.row(secret))?.local ?? {};
    const id = content?.refs[0]?.id ?? expect.fail();
    const { node } = pair.a.own.origin;
    expect(await pair.a.own.local?.sealedById(node, id)).toBeDefined();
    devices[0].pullOut();
    expect(await pair.a.own.local?.sealedById(node, id)).toBeUndefined();
    await devices[0].putBack();
    expect(await pair.a.own.local?.sealedById(node, id)).toBeDefined();
  });
});

describe('at the reader', () => {
  it('other items go on; the sealed ones wait, are not vouched for, and are read once it is back', async () => {
    const devices = [await TestDevice.ready(), await TestDevice.ready()] as const;
    await using pair = await Pair.open(agreement, { device: devices[0] }, { device: devices[1] });
    devices[1].pullOut();
    await pair.write();
    await pair.carry();
    expect([await textAt(pair.b, secret), await textAt(pair.b, 'thường.txt')]).toEqual(['none', 'thường']);
    const { node } = pair.a.own.origin;
    expect(await pair.b.problems()).toMatchObject({ [`/feed:${node}`]: 'CIPHER_DEVICE_GONE' });
    expect(await pair.b.receiptFor(node)).toBe(0);
    await devices[1].putBack();
    await pair.b.settle();
    expect(await textAt(pair.b, secret)).toBe('kế hoạch');
    expect(await pair.b.receiptFor(node)).toBe(await pair.a.published());
    expect(await pair.b.problems()).toEqual({});
  });

  it('what was taken in before it went away waits, and is not vouched for until it is written', async () => {
    const devices = [await TestDevice.ready(), await TestDevice.ready()] as const;
    await using pair = await Pair.open(agreement, { device: devices[0] }, { device: devices[1] });
    await pair.write();
    await pair.a.settle();
    await pair.a.bring(pair.b);
    devices[1].pullOut();
    await devices[1].tick();
    await pair.b.until(async () => (await textAt(pair.b, 'thường.txt')) === 'thường');
    const { node } = pair.a.own.origin;
    expect([pair.b.own.state.pendingCount(), await pair.b.receiptFor(node)]).toEqual([2, 0]);
    await devices[1].putBack();
    await pair.b.settle();
    expect(await textAt(pair.b, secret)).toBe('kế hoạch');
    expect(await pair.b.receiptFor(node)).toBe(await pair.a.published());
  });

  it('a received item is never taken for a new one, published under other keys, or for deleted', async () => {
    const { pair, devices } = await shared();
    await using _ = pair;
    devices[1].pullOut();
    await devices[1].tick();
    await writeFile(pair.b.at(secret), 'sửa tại B');
    await pair.b.settle();
    await pair.b.bring(pair.a);
    await pair.a.settle();
    expect(await classesOf(pair.b)).toEqual([]);
    expect(await textAt(pair.a, secret)).toBe('kế hoạch');
    await devices[1].putBack();
    await pair.b.settle();
    await pair.b.bring(pair.a);
    await pair.a.settle();
    expect(await classesOf(pair.b)).toEqual(['grant INTERNAL+MAT', 'item INTERNAL+MAT']);
    expect(await textAt(pair.a, secret)).toBe('sửa tại B');
  });

  it('with another key in its device it reads nothing, and says which key is not the one', async () => {
    const [one, two] = [await TestDevice.ready(), await TestDevice.ready(new Uint8Array(32).fill(9))];
    await using pair = await Pair.open(agreement, { device: one }, { device: two });
    await pair.write();
    await pair.carry();
    expect([await textAt(pair.b, secret), await textAt(pair.b, 'thường.txt')]).toEqual(['none', 'thường']);
    const { node } = pair.a.own.origin;
    expect(await pair.b.problems()).toMatchObject({ [`/feed:${node}`]: 'CIPHER_KEY_OTHER' });
  });

  it('takes a secret in only where a rule of its own expects one, and holds no name of it elsewhere', async () => {
    const labels = [{ path: '**', sensitivity: 'INTERNAL' }] as const;
    const [one, two] = [await TestDevice.ready(), await TestDevice.ready()];
    await using pair = await Pair.open(agreement, { device: one }, { device: two, labels });
    await pair.write();
    await pair.carry();
    const { node } = pair.a.own.origin;
    expect(await pair.b.problems()).toMatchObject({ [`/feed:${node}`]: 'SECRET_PATH_NOT_MARKED' });
    expect(await pair.b.own.state.row(secret)).toBeUndefined();
    expect(await pair.b.receiptFor(node)).toBe(0);
  });
});

it('tells nobody the name of a secret: not of a problem, a conflict or its copy', async () => {
  const { pair } = await shared();
  await using _ = pair;
  await writeFile(pair.a.at(secret), 'sửa tại A');
  await pair.a.settle();
  await writeFile(pair.b.at(secret), 'sửa tại B');
  await pair.b.settle();
  await pair.a.bring(pair.b);
  await pair.b.bring(pair.a);
  await pair.a.settle();
  await pair.b.settle();
  for (const node of [pair.a, pair.b]) expect(told(node)).not.toMatch(/kế hoạch|mat\//);
  expect(pair.a.events.concat(pair.b.events).some(({ type }) => type === 'conflict')).toBe(true);
  expect(told(pair.a) + told(pair.b)).toContain('(secret)');
});
