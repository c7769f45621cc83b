/** The log: one line per event to standard output, as text for people or JSON for machines. Times are UTC. */
import { createLogger, format, transports } from 'winston';
import type { Details } from '#agent/core/errors.ts';
import { type Clock, systemClock } from './clock.ts';

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFormat = 'text' | 'json';

/**
 * `event` is a stable code that people write rules on ('peer.down', 'STATE_LOCKED'). `fields` hold no item names or
 * contents at info or above.
 */
export type LogLine = (event: string, fields?: Details) => void;
export type Log = Readonly<Record<LogLevel, LogLine>>;

export interface LogParts {
  readonly format: LogFormat;
  readonly level: LogLevel;
  /** Name of the service in each JSON line. */
  readonly service: string;
  readonly clock?: Clock;
  readonly stream?: NodeJS.WritableStream & { readonly writableLength?: number };
}

/** A reader that has stopped reading must not fill our memory: beyond this many bytes waiting, lines are counted only. */
const maxWaiting = 1024 * 1024;

export function createLog(parts: LogParts): Log {
  const { level, clock = systemClock, stream = process.stdout } = parts;
  const logger = createLogger({
    level,
    levels: Object.fromEntries(logLevels.map((name, i) => [name, i])),
    format: format.printf(({ message }) => String(message)),
    transports: [new transports.Stream({ stream, eol: '\n' })],
  });
  const line = parts.format === 'json' ? jsonLine(parts.service) : textLine;
  let dropped = 0;
  const write = (at: LogLevel, event: string, fields: Details): void => {
    const time = new Date(clock.now()).toISOString();
    logger.log({ level: at, message: line(time, at, event, fields) });
  };
  const log = (at: LogLevel, event: string, fields: Details): void => {
    if (!logger.isLevelEnabled(at)) return;
    if ((stream.writableLength ?? 0) > maxWaiting) {
      dropped++;
      return;
    }
    if (dropped > 0) write('warn', 'LOG_DROPPED', { lines: dropped });
    dropped = 0;
    write(at, event, fields);
  };
  const at =
    (name: LogLevel): LogLine =>
    (event, fields = {}) =>
      log(name, event, fields);
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

type Line = (time: string, level: LogLevel, event: string, fields: Details) => string;

/** Our own four keys come first and win over a field of the same name. */
const jsonLine =
  (service: string): Line =>
  (time, level, event, fields) =>
    JSON.stringify({
      time,
      level,
      service,
      event,
      ...withoutKeys(fields, ['time', 'level', 'service', 'event']),
    });

const textLine: Line = (time, level, event, fields) =>
  [
    time,
    level.toUpperCase().padEnd(5),
    event,
    ...Object.entries(fields).map(([k, v]) => `${k}=${plain(v)}`),
  ].join(' ');

/** Quotes what could be taken for another field or another line. */
const plain = (value: Details[string]): string => {
  const text = String(value);
  return /^[^\s"=\p{C}]+$/u.test(text) ? text : JSON.stringify(text);
};

const withoutKeys = (fields: Details, keys: readonly string[]): Details =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)));
