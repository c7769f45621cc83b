/** Facts of a space in step, to be changed one by one; a clock that is set by hand; a log that is kept. */
import type { Details } from '#agent/core/errors.ts';
import { parseNodeId, parseSpaceId } from '#agent/core/ids.ts';
import type { PeerFacts, SpaceFacts } from '#agent/status/facts.ts';
import { Recorder } from '#agent/status/recorder.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { type Log, type LogLevel, logLevels } from '#agent/sys/log.ts';

export const space = parseSpaceId('00112233445566778899aabbccddeeff');
export const me = parseNodeId('11'.repeat(32));
export const them = parseNodeId('22'.repeat(32));
export const startMs = Date.parse('2026-11-02T03:04:05.678Z');

export const peer = (changes: Partial<PeerFacts> = {}): PeerFacts => ({
  node: them,
  agency: 'H29.13',
  url: 'https://127.0.0.1:8443',
  connected: true,
  compared: true,
  lastSeen: startMs,
  ownSeq: 10,
  sentSeq: 10,
  receiptSeq: 10,
  theirSeq: 5,
  heldSeq: 5,
  takes: true,
  reads: true,
  ...changes,
});

export const facts = (changes: Partial<SpaceFacts> = {}): SpaceFacts => ({
  space,
  name: 'Hồ sơ chung',
  folder: '/srv/a',
  role: 'agent',
  items: 100,
  bytes: 1_000_000,
  pending: 0,
  behind: 0,
  withheld: 0,
  withheldRecords: 0,
  problems: 0,
  agreement: 'in-force',
  peers: [peer()],
  lastScan: startMs,
  ...changes,
});

export class SetClock implements Clock {
  ms = 0;
  now = (): number => startMs + this.ms;
  monotonic = (): number => this.ms;
  sleep = async (): Promise<void> => {};
}

export interface KeptLine {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: Details;
}

export function keptLog(): { log: Log; lines: KeptLine[] } {
  const lines: KeptLine[] = [];
  const at =
    (level: LogLevel) =>
    (event: string, fields: Details = {}) =>
      void lines.push({ level, event, fields });
  const log = Object.fromEntries(logLevels.map((level) => [level, at(level)])) as Record<
    LogLevel,
    Log['info']
  >;
  return { log, lines };
}

/** A recorder that has started, with these facts. */
export function recording(given: () => readonly SpaceFacts[] = () => [facts()]) {
  const clock = new SetClock();
  const { log, lines } = keptLog();
  const recorder = new Recorder({ clock, log, version: '1.2.3' });
  recorder.attach(async () => given());
  recorder.emit({ type: 'agent.started', agency: 'H29.12', node: me, role: 'agent' });
  recorder.emit({ type: 'agent.ready' });
  return { clock, lines, recorder };
}
