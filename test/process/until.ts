/** How a test waits for daemons: never for ever, and never for one that has ended. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Daemon } from './daemon.ts';

export interface Waiting {
  /** A slow machine is no failure: much more than it takes. */
  readonly seconds: number;
  /** Fails at once when one of these has ended by itself. */
  readonly daemons: readonly Daemon[];
  /** More to be told when it fails. */
  readonly seen?: () => unknown;
}

/** Resolves when `condition` holds. A condition that throws does not hold yet. Fails with the daemons' last lines. */
export async function until(
  what: string,
  condition: () => Promise<boolean>,
  { seconds, daemons, seen }: Waiting,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  let fault: unknown;
  const holds = () =>
    condition().catch((error: unknown) => {
      fault = error;
      return false;
    });
  while (!(await holds())) {
    const ended = daemons.filter((daemon) => daemon.endedByItself);
    const late = performance.now() > end;
    if (ended.length > 0 || late) {
      const shown = [seen?.(), fault].filter((one) => one !== undefined).map(String);
      const why = late ? `waited ${seconds} s for` : 'ended by itself, while a test waited for';
      const told = late ? daemons : ended;
      const lines = await Promise.all(told.map((daemon) => daemon.lastWords()));
      throw new Error([`${why}: ${what}`, ...shown, ...lines].join('\n'));
    }
    await delay(50);
  }
}
