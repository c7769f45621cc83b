/** What the service manager hears: sd_notify(3) over its datagram socket. Does nothing where there is none. */
import type { Clock } from './clock.ts';
import { native } from './native.ts';

export interface ServiceEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
  readonly WATCHDOG_PID?: string | undefined;
}

export interface Notifier {
  ready(): Promise<void>;
  /** One line for `systemctl status`. No item names: it is readable by everybody on the machine. */
  status(text: string): Promise<void>;
  stopping(): Promise<void>;
  /**
   * Tells the watchdog twice per interval that the process is well, as long as `well()` says so; ends when aborted.
   * Returns at once where no watchdog is set.
   */
  watchdog(well: () => boolean, signal: AbortSignal): Promise<void>;
}

export interface NotifierParts {
  readonly clock: Clock;
  /** A message that could not be sent does not stop the service; it is told here. */
  readonly failed: (error: unknown) => void;
  readonly environment?: ServiceEnvironment;
}

export function createNotifier({ clock, failed, environment = process.env }: NotifierParts): Notifier {
  const address = environment.NOTIFY_SOCKET;
  const interval = watchdogMs(environment);
  const send = async (message: string): Promise<void> => {
    if (!address) return;
    try {
      await (await native()).sendDatagram(address, Buffer.from(message));
    } catch (error) {
      failed(error);
    }
  };
  return {
    ready: () => send('READY=1'),
    status: (text) => send(`STATUS=${text.replace(/\p{Cc}+/gu, ' ')}`),
    stopping: () => send('STOPPING=1'),
    async watchdog(well, signal) {
      while (address && interval !== undefined && !signal.aborted) {
        if (well()) await send('WATCHDOG=1');
        await clock.sleep(interval / 2, signal).catch(() => undefined);
      }
    },
  };
}

/** WATCHDOG_PID names the process that the interval is meant for: a child must not answer for its parent. */
function watchdogMs(environment: ServiceEnvironment): number | undefined {
  const { WATCHDOG_USEC: micros, WATCHDOG_PID: pid } = environment;
  if (pid && Number(pid) !== process.pid) return undefined;
  const ms = Number(micros) / 1000;
  return ms > 0 ? ms : undefined;
}
