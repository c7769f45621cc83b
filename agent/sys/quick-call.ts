/**
 * Short calls of the file system. What the kernel answers from memory takes microseconds; the way through the thread
 * pool costs ten times that. So they are made on the event loop's own thread, as long as they prove to be quick: where
 * they are not (a network file system, a disk that is behind), they go to the pool.
 */ import { giveWay } from './give-way.ts';

/** Others get their turn after this long. */
const sliceMs = 5;
/** A mean beyond this is not quick. One call of a preempted process does not change the mean that much. */
const slowMs = 1;
const weight = 1 / 16;
/** So many calls go to the pool then, before it is tried again. */
const callsInPool = 512;

let meanMs = 0;
let poolCalls = 0;
let turnedAt = 0;

/** `now` and `later` are the same call. Throws what the call throws. */
export async function quickCall<T>(now: () => T, later: () => Promise<T>): Promise<T> {
  if (poolCalls > 0) {
    poolCalls -= 1;
    return later();
  }
  const start = performance.now();
  if (start - turnedAt > sliceMs) {
    await giveWay();
    turnedAt = performance.now();
    return timed(now, turnedAt);
  }
  return timed(now, start);
}

function timed<T>(now: () => T, start: number): T {
  try {
    return now();
  } finally {
    meanMs += (performance.now() - start - meanMs) * weight;
    if (meanMs > slowMs) {
      meanMs = 0;
      poolCalls = callsInPool;
    }
  }
}
