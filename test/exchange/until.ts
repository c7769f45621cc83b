/** Waits for a condition, generously: a slow machine is not a failure. */
import { setTimeout as delay } from 'node:timers/promises';

export async function until(condition: () => boolean, ms = 20_000): Promise<void> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > end) throw new Error('the condition did not come about');
    await delay(5);
  }
}
