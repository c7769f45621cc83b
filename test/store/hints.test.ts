import { expect, it } from 'vitest';
import { HintQueue, maxHints } from '#agent/store/hints.ts';
import type { Hint } from '#agent/store/store.ts';
import type { Clock } from '#agent/sys/clock.ts';

/** A clock that a test moves; sleepers wake when their time has come. */
class HandClock implements Clock {
  #now = 0;
  #sleepers: { at: number; wake: () => void }[] = [];
  now = () => this.#now;
  monotonic = () => this.#now;

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    this.#sleepers.push({ at: this.#now + ms, wake: resolve });
    return promise;
  }

  async move(ms: number): Promise<void> {
    for (let i = 0; i < ms; i++) {
      this.#now += 1;
      for (const sleeper of this.#sleepers) if (sleeper.at <= this.#now) sleeper.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function reading() {
  const clock = new HandClock();
  const queue = new HintQueue(clock);
  const stop = new AbortController();
  const hints: Hint[] = [];
  const ended = (async () => {
    for await (const hint of queue.read(stop.signal)) hints.push(hint);
  })();
  return { clock, queue, stop, hints, ended };
}

const dir = (path: string): Hint => ({ kind: 'dir', path });

it('gives one hint for a directory, once it is quiet', async () => {
  const { clock, queue, hints } = reading();
  for (let i = 0; i < 5; i++) {
    queue.dir('a');
    await clock.move(40);
  }
  expect(hints).toEqual([]);
  await clock.move(60);
  expect(hints).toEqual([dir('a')]);
  await clock.move(1000);
  expect(hints).toEqual([dir('a')]);
  queue.dir('a');
  await clock.move(61);
  expect(hints).toEqual([dir('a'), dir('a')]);
});

it('does not wait for ever for a directory that is never quiet', async () => {
  const { clock, queue, hints } = reading();
  for (let i = 0; i < 13; i++) {
    queue.dir('busy');
    await clock.move(40);
  }
  expect(hints).toEqual([dir('busy')]);
});

it('gives everything at once instead of many', async () => {
  const { clock, queue, hints } = reading();
  for (let i = 0; i <= maxHints; i++) queue.dir(`d${i}`);
  queue.dir('more');
  await clock.move(1);
  expect(hints).toEqual([{ kind: 'all', reason: 'too many changes at once' }]);
  await clock.move(1000);
  expect(hints).toHaveLength(1);
});

it('gives a new hint for what comes while one is being handled', async () => {
  const clock = new HandClock();
  const queue = new HintQueue(clock);
  const hints = queue.read(new AbortController().signal);
  queue.dir('a');
  const first = hints.next();
  await clock.move(61);
  expect(await first).toMatchObject({ value: dir('a') });
  queue.dir('a');
  const second = hints.next();
  await clock.move(61);
  expect(await second).toMatchObject({ value: dir('a') });
});

it('ends with its signal, waiting or not', async () => {
  for (const busy of [false, true]) {
    const { queue, stop, ended } = reading();
    if (busy) queue.dir('a');
    stop.abort();
    await ended;
  }
});
