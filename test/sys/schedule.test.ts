import { describe, expect, it } from 'vitest';
import { cronFault, passedSince, schedule } from '#agent/sys/schedule.ts';

const everySecond = '* * * * * *';

it('runs at its times, one at a time, until aborted, and waits for the last', async () => {
  const stop = new AbortController();
  let [running, most, runs, ended] = [0, 0, 0, 0];
  const over = schedule(
    everySecond,
    async () => {
      runs++;
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      running--;
      ended++;
    },
    stop.signal,
  );
  await expect.poll(() => runs, { timeout: 20_000 }).toBe(2);
  stop.abort();
  await over;
  expect({ most, ended, running }).toEqual({ most: 1, ended: 2, running: 0 });
});

it.each([
  [
    'throws',
    () => {
      throw new Error('scan failed');
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('scan failed');
    },
  ],
])('ends with the error when the run %s', async (_how, run) => {
  await expect(schedule(everySecond, run, new AbortController().signal)).rejects.toThrow('scan failed');
});

it('does not run when already aborted', async () => {
  await schedule(
    everySecond,
    () => {
      throw new Error('ran');
    },
    AbortSignal.abort(),
  );
});

it.each(['', 'every day', '61 * * * *', '* * * *', '*/0 * * * *'])(
  'refuses %j and says why',
  async (cron) => {
    expect(cronFault(cron)).toEqual({ field: expect.any(String), rule: expect.any(String) });
    const refused = expect.objectContaining({ code: 'SCHEDULE_INVALID' });
    await expect(schedule(cron, () => undefined, new AbortController().signal)).rejects.toEqual(refused);
  },
);

it.each(['*/10 * * * *', '0 2 * * 1-5', '30 6,18 1 * *'])('accepts %j', (cron) => {
  expect(cronFault(cron)).toBeUndefined();
});

describe('a time of a timetable', () => {
  const at = (text: string): number => new Date(text).getTime();

  it.each([
    ['0 2 1 * *', '2026-11-02T00:00:00', '2026-12-01T01:59:59', false],
    ['0 2 1 * *', '2026-11-02T00:00:00', '2026-12-01T02:00:00', true],
    ['0 2 1 * *', '2026-12-01T02:00:00', '2026-12-31T23:59:59', false],
    ['0 2 1 * *', '2026-11-30T02:00:00', '2031-01-01T00:00:00', true],
    ['30 23 * * 7', '2026-11-02T00:00:00', '2026-11-08T23:29:00', false],
    ['30 23 * * 7', '2026-11-02T00:00:00', '2026-11-08T23:30:00', true],
    ['0 2 1 1 *', '2026-02-01T00:00:00', '2026-12-31T00:00:00', false],
    // A clock that was set back.
    ['0 2 1 * *', '2026-12-24T00:00:00', '2026-11-02T00:00:00', false],
  ])('%s, from %s to %s: %s', (cron, since, now, passed) => {
    expect(passedSince(cron, at(since), at(now))).toBe(passed);
  });
});
