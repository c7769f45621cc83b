/**
 * Whether the sizes on a relay's disk tell which known files are here: 200 files, 20 of them in the space, 20 guesses.
 * Chance is 10 %. All 200 go through a real publisher into a real relay; each trial takes 20 of them off its disk.
 */
import { describe, expect, it } from 'vitest';
import { cellBytes, cellsOf } from '#agent/core/cells.ts';
import { corpusFiles, makeCorpus } from './corpus.ts';
import { relayDisk } from './relay-store.ts';
import { type Scheme, schemes } from './schemes.ts';
import { heldIn, type Item, itemsOn, type Rates, ratesOf } from './trials.ts';
import { unpaddedDisk } from './unpadded-store.ts';

const corpus = makeCorpus(1);
const trials = 200;
const chance = 0.1;
const allowed = chance + 0.05;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function attack(title: string, scheme: Scheme, items: readonly Item[]): Rates {
  expect(items.length).toBe(corpusFiles);
  const rates = ratesOf(scheme, corpus, items, trials);
  const { rate, inOrder, cost } = rates;
  process.stdout.write(
    `${title}: ${percent(rate)} found, ${percent(inOrder)} by order too, ${cost.toFixed(2)} bytes for one\n`,
  );
  return rates;
}

const numbers = (sizes: readonly number[]): number[] => sizes.toSorted((a, b) => a - b);

/** Seconds on a machine of one's own, more beside others. */
const limit = 120_000;

describe('the attack on the disk of a relay', { timeout: limit }, () => {
  it('names the files, without padding and with public cut points', async () => {
    const { rate } = attack('unpadded', schemes.unpadded, itemsOn(await unpaddedDisk(corpus)));
    expect(rate).toBeGreaterThanOrEqual(0.9);
  });

  it('does at most 5 % better than chance on CONFIDENTIAL', async () => {
    const disk = await relayDisk('CONFIDENTIAL', corpus);
    const items = itemsOn(disk);
    const { rate, inOrder } = attack('CONFIDENTIAL', schemes.cells, items);
    expect(rate).toBeLessThanOrEqual(allowed);
    expect(inOrder).toBeLessThanOrEqual(allowed);
    for (const { file, sizes } of items) expect(sizes.length).toBe(cellsOf(corpus[file]?.length ?? 0));
    expect(new Set(disk.chunks.map(({ size }) => size))).toEqual(new Set([cellBytes]));
    expect(new Set(disk.records).size).toBe(1);
    // Nothing is shared, not even by editions of one file.
    expect(disk.chunks.length).toBe(items.reduce((sum, { sizes }) => sum + sizes.length, 0));
  });

  it('does better on INTERNAL, but much worse than with Padmé alone', async () => {
    const items = itemsOn(await relayDisk('INTERNAL', corpus));
    const { rate } = attack('INTERNAL', schemes.steps, items);
    expect(rate).toBeLessThan(0.4);
  });
});

describe('what a relay holds of a file', { timeout: limit }, () => {
  it('hangs on no other file of the space', async () => {
    const held = heldIn(3);
    const { items } = await relayDisk(
      'CONFIDENTIAL',
      held.map((j) => corpus[j] ?? new Uint8Array(0)),
    );
    const alone = held.map((j) => cellsOf(corpus[j]?.length ?? 0));
    expect(numbers(items.map(({ chunks }) => chunks.length))).toEqual(numbers(alone));
  });
});
