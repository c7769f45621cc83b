/** A publisher that keeps the key to itself: its records are held, shown as a problem, never vouched for, and read later. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HostilePublisher } from './hostile-publisher.ts';
import { Pair } from './pair.ts';
import { untilSpace } from './wait.ts';

let pair: Pair;
let hostile: HostilePublisher;

beforeAll(async () => {
  pair = await Pair.create('agent');
  pair.daemon.start();
  await pair.daemon.ready();
  const target = { url: pair.daemon.url, identity: await pair.identity() };
  hostile = await HostilePublisher.create(pair.other, pair.agreement, target);
  await hostile.connect();
});
afterAll(async () => {
  await hostile?.[Symbol.asyncDispose]();
  await pair?.[Symbol.asyncDispose]();
});

/** The end of a turn, where receipts are signed, has passed when a later one has looked through the folder. */
async function wholeTurns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const before = (await pair.daemon.status())?.spaces[0]?.lastScan;
    await pair.daemon.dongbo('scan', '--config', pair.daemon.configFile);
    await untilSpace(pair, 'a turn', ({ lastScan }) => lastScan !== undefined && lastScan !== before);
  }
}

async function untilReceipt(seq: number): Promise<void> {
  await pair.until(`a receipt for ${seq}`, async () => (await hostile.receiptSeq()) === seq);
}

test('records without a grant are a problem, and get no receipt', async () => {
  await untilSpace(pair, 'in step at first', ({ state }) => state === 'in-step');
  await hostile.file('một.txt', 'một').push();
  await hostile.file('hai.txt', 'hai').push();
  const space = await untilSpace(pair, 'the problem', ({ problems }) => problems > 0);
  expect(space).toMatchObject({ state: 'waiting', reason: 'ITEM_PROBLEMS', items: 0, pending: 0 });
  expect(space.problemCodes).toEqual({ GRANT_MISSING: 1 });
  await wholeTurns(2);
  expect(await hostile.receiptSeq()).toBe(0);
  const listed = await pair.daemon.dongbo('status', '--problems', '--config', pair.daemon.configFile);
  expect(listed).toContain('GRANT_MISSING: Changes of the node');
  expect(listed).not.toMatch(/\{\w+\}/);
});

test('a restart forgets nothing of that, and a grant opens all of it', async () => {
  expect(await pair.daemon.stop()).toBe(0);
  pair.daemon.start();
  await pair.daemon.ready();
  await untilSpace(pair, 'still a problem', ({ problemCodes }) => problemCodes.GRANT_MISSING === 1);
  await hostile.connect();
  await hostile.grant();
  await hostile.push();
  await untilSpace(
    pair,
    'read',
    ({ state, items, problems }) => state === 'in-step' && items === 2 && problems === 0,
  );
  for (const name of ['một', 'hai'])
    expect(await readFile(join(pair.daemon.options.folder ?? '', `${name}.txt`), 'utf8')).toBe(name);
  // In step is seen as soon as nothing waits; the receipt is signed at the end of that turn.
  await untilReceipt(3);
});
