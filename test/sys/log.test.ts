import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { createLog, type LogFormat, type LogLevel } from '#agent/sys/log.ts';
import { startChild } from './child.ts';

const clock = {
  now: () => Date.UTC(2026, 6, 1, 1, 2, 3, 4),
  monotonic: () => 0,
  sleep: async () => undefined,
};

function logTo(format: LogFormat, level: LogLevel, stream = new Collector()) {
  const log = createLog({ format, level, service: 'dongbo', clock, stream });
  return { log, stream, lines: () => stream.text.split('\n').slice(0, -1) };
}

class Collector extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }
}

it('writes one JSON object per line, with a stable event code', () => {
  const { log, lines } = logTo('json', 'info');
  log.info('peer.up', { peer: 'abc', bytes: 3 });
  log.error('STATE_DAMAGED', { reason: 'hai\ndòng "nháy"' });
  expect(lines().map((line) => JSON.parse(line))).toEqual([
    {
      time: '2026-07-01T01:02:03.004Z',
      level: 'info',
      service: 'dongbo',
      event: 'peer.up',
      peer: 'abc',
      bytes: 3,
    },
    {
      time: '2026-07-01T01:02:03.004Z',
      level: 'error',
      service: 'dongbo',
      event: 'STATE_DAMAGED',
      reason: 'hai\ndòng "nháy"',
    },
  ]);
});

it('writes text that one value cannot break into two lines or two fields', () => {
  const { log, lines } = logTo('text', 'info');
  log.warn('peer.down', { url: 'https://trạm.example', reason: 'a\nb level=error', empty: '' });
  expect(lines()).toEqual([
    '2026-07-01T01:02:03.004Z WARN  peer.down url=https://trạm.example reason="a\\nb level=error" empty=""',
  ]);
});

it('does not let a field take the place of time, level, service or event', () => {
  const { log, lines } = logTo('json', 'info');
  log.info('note', { event: 'other', level: 'error', time: 'never', service: 'x', code: 'C' });
  expect(JSON.parse(lines()[0] ?? '')).toMatchObject({
    event: 'note',
    level: 'info',
    service: 'dongbo',
    code: 'C',
  });
});

it('leaves out what is below its level', () => {
  for (const [level, count] of [
    ['error', 1],
    ['warn', 2],
    ['info', 3],
    ['debug', 4],
  ] as const) {
    const { log, lines } = logTo('text', level);
    log.error('a');
    log.warn('b');
    log.info('c');
    log.debug('d');
    expect(lines()).toHaveLength(count);
  }
});

it('holds a bounded amount for a reader that is stuck, and says afterwards how many lines are missing', async () => {
  const release = Promise.withResolvers<void>();
  const stuck = new (class extends Collector {
    override _write(chunk: Buffer, encoding: string, done: () => void): void {
      void release.promise.then(() => super._write(chunk, encoding, done));
    }
  })();
  const { log, lines } = logTo('json', 'info', stuck);
  const padding = 'x'.repeat(10_000);
  for (let i = 0; i < 1000; i++) log.info('padding', { i, padding });
  expect(stuck.writableLength).toBeLessThan(1_100_000);
  release.resolve();
  await expect.poll(() => stuck.writableLength).toBe(0);
  log.info('after');
  await expect.poll(() => stuck.writableLength).toBe(0);
  const read = lines().map((line) => JSON.parse(line));
  const dropped = read.find((line) => line.event === 'LOG_DROPPED');
  expect(dropped.lines + read.filter((line) => line.event === 'padding').length).toBe(1000);
  expect(read.at(-1)).toMatchObject({ event: 'after' });
});

it('goes to standard output', async () => {
  const child = startChild(`
    import { createLog } from '#agent/sys/log.ts';
    createLog({ format: 'json', level: 'info', service: 'dongbo' }).info('agent.ready');
  `);
  expect(JSON.parse(await child.line())).toMatchObject({ event: 'agent.ready', level: 'info' });
  expect(await child.exit).toBe(0);
});
