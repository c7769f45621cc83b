import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '#agent/sys/clock.ts';
import { createNotifier, type ServiceEnvironment } from '#agent/sys/notify.ts';
import { type Child, startScript } from './child.ts';
import { temporaryDir } from './temporary-dir.ts';

async function startReceiver(address: string): Promise<Child & AsyncDisposable> {
  const child = startScript('test/sys/datagram-receiver.ts', [address]);
  expect(await child.line()).toBe('bound');
  const stop = async () => {
    child.kill('SIGKILL');
    await child.exit;
  };
  return { ...child, [Symbol.asyncDispose]: stop };
}

function notifierFor(environment: ServiceEnvironment) {
  const failures: unknown[] = [];
  const notifier = createNotifier({ clock: systemClock, failed: (e) => failures.push(e), environment });
  return { notifier, failures };
}

const message = async (receiver: Child) => JSON.parse(await receiver.line());

describe.each(['path', 'abstract'])('a service manager on a socket (%s)', (kind) => {
  it('hears ready, status and stopping', async () => {
    await using dir = await temporaryDir();
    const address = kind === 'path' ? join(dir.path, 'notify') : `@dongbo-test-${randomUUID()}`;
    await using receiver = await startReceiver(address);
    const { notifier, failures } = notifierFor({ NOTIFY_SOCKET: address });
    await notifier.ready();
    await notifier.status('đang đồng bộ\nREADY=1');
    await notifier.stopping();
    expect(await message(receiver)).toBe('READY=1');
    expect(await message(receiver)).toBe('STATUS=đang đồng bộ READY=1');
    expect(await message(receiver)).toBe('STOPPING=1');
    expect(failures).toEqual([]);
  });

  it('hears the watchdog again and again, but only while the process is well', async () => {
    await using dir = await temporaryDir();
    const address = kind === 'path' ? join(dir.path, 'notify') : `@dongbo-test-${randomUUID()}`;
    await using receiver = await startReceiver(address);
    const { notifier } = notifierFor({
      NOTIFY_SOCKET: address,
      WATCHDOG_USEC: '20000',
      WATCHDOG_PID: String(process.pid),
    });
    const stop = new AbortController();
    let checks = 0;
    const over = notifier.watchdog(() => ++checks <= 3, stop.signal);
    for (let i = 0; i < 3; i++) expect(await message(receiver)).toBe('WATCHDOG=1');
    await expect.poll(() => checks).toBeGreaterThan(5);
    stop.abort();
    await over;
    await notifier.stopping();
    expect(await message(receiver)).toBe('STOPPING=1');
  });
});

it('is silent where there is no service manager', async () => {
  const { notifier, failures } = notifierFor({});
  await notifier.ready();
  await notifier.watchdog(() => true, new AbortController().signal);
  expect(failures).toEqual([]);
});

it('leaves a watchdog alone that is meant for another process', async () => {
  const { notifier, failures } = notifierFor({
    NOTIFY_SOCKET: '@dongbo-nobody-listens',
    WATCHDOG_USEC: '1000',
    WATCHDOG_PID: '1',
  });
  await notifier.watchdog(() => true, new AbortController().signal);
  expect(failures).toEqual([]);
});

it('tells a failure and goes on', async () => {
  await using dir = await temporaryDir();
  for (const [address, code] of [
    [join(dir.path, 'nobody'), 'ENOENT'],
    [`/${'x'.repeat(200)}`, 'ENAMETOOLONG'],
  ]) {
    const { notifier, failures } = notifierFor({ NOTIFY_SOCKET: address });
    await notifier.ready();
    expect(failures).toEqual([expect.objectContaining({ code })]);
  }
});
