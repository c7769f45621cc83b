/** The log: stable codes, and no item name at info or above, whatever an event carries. */
import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '#agent/core/event.ts';
import { eventMessages } from '#agent/core/messages/event.ts';
import { eventLines } from '#agent/status/log-event.ts';
import { LogGate, linesPerMinute } from '#agent/status/log-gate.ts';
import { details, everyEvent, secret } from './sample-events.ts';
import { recording, space, them } from './sample-facts.ts';

describe('a log line', () => {
  it('names no item at info or above', () => {
    const { recorder, lines } = recording();
    for (const event of everyEvent) recorder.emit(event);
    const open = lines.filter(({ level }) => level !== 'debug');
    expect(open.length).toBeGreaterThan(10);
    expect(JSON.stringify(open)).not.toContain('Lương');
    expect(JSON.stringify(open)).not.toContain('xung đột');
  });

  it('names the item at debug, for those who look after it', () => {
    const named = everyEvent.flatMap(eventLines).filter(({ level }) => level === 'debug');
    expect(named.filter(({ fields }) => fields.path === secret).map(({ event }) => event)).toEqual([
      'problem',
      'problem.cleared',
      'conflict',
    ]);
  });

  it('keeps numbers and harmless texts', () => {
    const [line] = eventLines({ type: 'error', code: 'DISK_FULL', details });
    expect(line).toEqual({ level: 'error', event: 'DISK_FULL', fields: { errno: 'EIO', items: 7 } });
  });

  it('has a stable code that is explained', () => {
    const codes = everyEvent
      .filter(({ type }) => type !== 'error' && type !== 'note')
      .flatMap(eventLines)
      .map(({ event }) => event);
    for (const code of codes) expect(eventMessages).toHaveProperty([code]);
  });

  it('of wire bytes does not exist', () => {
    expect(eventLines({ type: 'wire', peer: them, direction: 'in', bytes: 1 })).toEqual([]);
  });
});

describe('a flood of like lines', () => {
  it('is held back, counted, and told of later', () => {
    const { recorder, lines, clock } = recording();
    const problem: AgentEvent = {
      type: 'problem',
      space,
      problem: { code: 'NAME_CLASH', path: 'x', details: {} },
    };
    for (let i = 0; i < 1000; i++) recorder.emit(problem);
    const warnings = () => lines.filter(({ level }) => level === 'warn').map(({ event }) => event);
    expect(warnings()).toEqual(Array(linesPerMinute).fill('problem'));
    clock.ms += 60_000;
    recorder.emit(problem);
    expect(warnings().slice(-2)).toEqual(['LOG_REPEATED', 'problem']);
    expect(lines.find(({ event }) => event === 'LOG_REPEATED')?.fields).toEqual({
      line: `problem NAME_CLASH ${space}`,
      times: 1000 - linesPerMinute,
    });
  });

  it('does not hold back another kind, nor grow without bound', () => {
    const gate = new LogGate();
    for (let i = 0; i < 20; i++) gate.pass('a', 0);
    expect(gate.pass('a', 0)).toEqual({ pass: false, held: 11 });
    expect(gate.pass('b', 0)).toEqual({ pass: true, held: 0 });
    for (let i = 0; i < 5000; i++) expect(gate.pass(`kind ${i}`, 0).pass).toBe(true);
  });
});
