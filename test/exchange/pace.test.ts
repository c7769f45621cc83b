/** The small parts that set the pace: backoff, places in line, admission, wakes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Admission } from '#agent/exchange/admission.ts';
import { Backoff } from '#agent/exchange/backoff.ts';
import { Semaphore } from '#agent/exchange/semaphore.ts';
import { Wake } from '#agent/exchange/wake.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { nodeNamed } from './sample-feed.ts';

const never = new AbortController().signal;

test('backoff stays within its range, reaches its ceiling, and starts small after success', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 40 }), (fractions) => {
      let at = 0;
      const random = { bytes: () => new Uint8Array(0), fraction: () => fractions[at++] ?? 0.5 };
      const backoff = new Backoff({ leastMs: 500, mostMs: 60_000 }, random);
      const waits = fractions.map(() => backoff.failed());
      waits.forEach((wait, n) => {
        expect(wait).toBe(Math.min(500 * 2 ** n, 60_000) * (fractions[n] ?? 0));
      });
      backoff.succeeded();
      expect(backoff.failed()).toBeLessThanOrEqual(500);
    }),
  );
});

test('what has not been away for long is tried again soon', () => {
  const backoff = new Backoff(
    { leastMs: 500, mostMs: 60_000 },
    { bytes: () => new Uint8Array(0), fraction: () => 1 },
  );
  const waits = [0, 1000, 4000, 8000, 12_000, 40_000, 400_000, 400_000].map((lost) => backoff.failed(lost));
  expect(waits).toEqual([500, 500, 1000, 2000, 3000, 10_000, 32_000, 60_000]);
});

test('never more than so many at once, first come, first served, and who gives up leaves the line', async () => {
  const semaphore = new Semaphore(2);
  const order: number[] = [];
  let inside = 0;
  const gates = [0, 1, 2, 3, 4].map(() => Promise.withResolvers<void>());
  const gone = new AbortController();
  const run = (i: number, signal: AbortSignal) =>
    semaphore.run(async () => {
      inside += 1;
      expect(inside).toBeLessThanOrEqual(2);
      order.push(i);
      await gates[i]?.promise;
      inside -= 1;
    }, signal);
  const all = [0, 1, 2, 3, 4].map((i) => run(i, i === 2 ? gone.signal : never));
  gone.abort(new Error('gone'));
  await expect(all[2]).rejects.toThrow('gone');
  for (const gate of gates) gate.resolve();
  await Promise.all([all[0], all[1], all[3], all[4]]);
  expect(order).toEqual([0, 1, 3, 4]);
});

test('admission counts per node and in all, and forgets who has left', () => {
  const admission = new Admission({ streams: 3, streamsPerPeer: 2, eventStreams: 1, eventStreamsPerPeer: 1 });
  const [a, b] = [nodeNamed('a'), nodeNamed('b')];
  const first = admission.enter(a);
  admission.enter(a);
  expect(admission.enter(a)).toBeUndefined();
  expect(admission.enter(b)).toBeDefined();
  expect(admission.enter(b)).toBeUndefined();
  first?.();
  expect(admission.enter(b)).toBeDefined();
  const [old, fresh] = [new AbortController(), new AbortController()];
  admission.hold(a, old);
  expect(admission.hold(b, new AbortController())).toBeUndefined();
  expect(admission.hold(a, fresh)).toBeDefined();
  expect(old.signal.aborted).toBe(true);
  expect(fresh.signal.aborted).toBe(false);
});

test('a poke while nobody waits is not lost', async () => {
  const wake = new Wake();
  wake.poke();
  await wake.wait(60_000, systemClock, never);
  const waiting = wake.wait(60_000, systemClock, never);
  wake.poke();
  await waiting;
  await expect(wake.wait(60_000, systemClock, AbortSignal.abort(new Error('off')))).rejects.toThrow('off');
});
