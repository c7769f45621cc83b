/** A rename is seen as two halves, in whatever order hints come: the first is not told before the second had its time. */
import { expect, it } from 'vitest';
import { Leaving, movingMs } from '#agent/cycle/leaving.ts';

it('what is missed waits for as long as a hint may take, and what is back begins anew', () => {
  let now = 0;
  const leaving = new Leaving({ now: () => now, monotonic: () => now, sleep: async () => undefined });
  expect(leaving.mayBeMoving('a')).toBe(true);
  now += movingMs - 1;
  expect([leaving.mayBeMoving('a'), leaving.mayBeMoving('b')]).toEqual([true, true]);
  now += 1;
  expect([leaving.mayBeMoving('a'), leaving.mayBeMoving('b')]).toEqual([false, true]);
  leaving.isHere('b');
  now += movingMs;
  expect(leaving.mayBeMoving('b')).toBe(true);
});

it('what lies above it waits with it: a reader that keeps what is in a directory would not let it go', () => {
  let now = 0;
  const leaving = new Leaving({ now: () => now, monotonic: () => now, sleep: async () => undefined });
  leaving.begin();
  leaving.mayBeMoving('a/b/c');
  expect(['a', 'a/b', 'a/b/c', 'a/x'].filter((path) => leaving.isAbove(path))).toEqual(['a', 'a/b']);
  now += movingMs;
  leaving.begin();
  leaving.mayBeMoving('a/b/c');
  expect(leaving.isAbove('a/b')).toBe(false);
});
