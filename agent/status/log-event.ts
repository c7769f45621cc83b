/** An event as a line of the log: its level, its stable code, its fields. No item names at info or above. */
import type { Details } from '#agent/core/errors.ts';
import type { AgentEvent } from '#agent/core/event.ts';
import type { LogLevel } from '#agent/sys/log.ts';
import { shownDetails } from './shown-details.ts';

export interface EventLine {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: Details;
}

/** The lines of one event; the second line of a problem or conflict is for debugging and names the item. */
export function eventLines(event: AgentEvent): readonly EventLine[] {
  const main = mainLine(event);
  const named = namedLine(event);
  return [...(main ? [main] : []), ...(named ? [named] : [])];
}

function mainLine(event: AgentEvent): EventLine | undefined {
  switch (event.type) {
    case 'wire':
    case 'exchange.well':
    case 'problem.cleared':
      return undefined;
    case 'scan.done':
      return line(event.changed > 0 ? 'info' : 'debug', { ...event, ms: Math.round(event.ms) });
    case 'received':
      return { level: 'debug', event: event.type, fields: withoutType(event) };
    case 'problem': {
      const { code, details } = event.problem;
      return {
        level: 'warn',
        event: event.type,
        fields: { space: event.space, code, ...shownDetails(details) },
      };
    }
    case 'conflict':
      return { level: 'warn', event: event.type, fields: { space: event.space } };
    case 'halted': {
      const { code, details, needsRelease } = event.halt;
      const fields = { space: event.space, code, needsRelease, ...shownDetails(details) };
      return { level: 'error', event: event.type, fields };
    }
    case 'peer.down': {
      const { peer, url, code, details } = event;
      return { level: 'warn', event: event.type, fields: { peer, url, code, ...shownDetails(details) } };
    }
    case 'refused':
      return {
        level: 'warn',
        event: event.type,
        fields: { code: event.code, ...shownDetails(event.details) },
      };
    case 'error':
      return { level: 'error', event: event.code, fields: shownDetails(event.details) };
    case 'note':
      return { level: 'info', event: event.code, fields: shownDetails(event.details) };
    case 'released':
    case 'halt.ended':
      return line('warn', event);
    default:
      return line('info', event);
  }
}

/** Events whose every field may be shown. */
type Plain = Extract<
  AgentEvent,
  {
    type:
      | 'agent.started'
      | 'agent.ready'
      | 'agent.stopping'
      | 'scan.done'
      | 'published'
      | 'received'
      | 'applied'
      | 'released'
      | 'halt.ended'
      | 'peer.up';
  }
>;

const line = (level: LogLevel, event: Plain): EventLine => ({
  level,
  event: event.type,
  fields: withoutType(event),
});

const withoutType = ({ type: _, ...fields }: Plain): Details => fields;

function namedLine(event: AgentEvent): EventLine | undefined {
  switch (event.type) {
    case 'problem': {
      const { code, path } = event.problem;
      return { level: 'debug', event: event.type, fields: { space: event.space, code, path } };
    }
    case 'problem.cleared':
    case 'conflict':
      return { level: 'debug', event: event.type, fields: withoutTypeNamed(event) };
    default:
      return undefined;
  }
}

const withoutTypeNamed = ({
  type: _,
  ...fields
}: Extract<AgentEvent, { type: 'problem.cleared' | 'conflict' }>): Details => fields;
