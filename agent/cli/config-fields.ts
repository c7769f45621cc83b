/** The fields of the configuration. Each rule has its text in `core/messages/config-rules.ts`. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { parseAgencyId } from '#agent/core/agency.ts';
import { parseNodeId, parseSpaceId } from '#agent/core/ids.ts';
import type { Rule } from '#agent/core/messages/config-rules.ts';
import { cronFault } from '#agent/sys/schedule.ts';

const rule = (name: Rule) => ({ params: { rule: name } });

const maxPath = 4096;
const hex = (bytes: number) => new RegExp(`^[0-9a-f]{${bytes * 2}}$`);

/** An absolute path, returned without slashes at its end. */
export const absolutePath = z
  .string()
  .max(maxPath)
  .refine(isAbsolutePath, rule('absolute-path'))
  .meta({ pattern: '^/.*[^/].*$' })
  .transform((path) => path.replace(/\/+$/, ''));

function isAbsolutePath(path: string): boolean {
  const parts = path.split('/').slice(1);
  const plain = parts.every((part) => part !== '.' && part !== '..' && !part.includes('\0'));
  return path.startsWith('/') && plain && parts.some((part) => part !== '');
}

export const spaceId = z
  .string()
  .refine((text) => hex(16).test(text), rule('space-id'))
  .meta({ pattern: hex(16).source })
  .transform(parseSpaceId);

/** A peer: its node id, or the e-ID of an agency with one node in the agreements. */
export const nodeOrAgency = z
  .string()
  .refine((text) => hex(32).test(text) || isAgency(text), rule('node-or-agency'))
  .transform((text) => (hex(32).test(text) ? parseNodeId(text) : parseAgencyId(text).id));

function isAgency(text: string): boolean {
  try {
    return parseAgencyId(text).id === text;
  } catch {
    return false;
  }
}

/** Only https, and nothing but an origin: identity comes from the pinned certificate, never from the address. */
export const httpsUrl = z
  .string()
  .max(2048)
  .refine(isHttpsOrigin, rule('https-url'))
  .meta({ pattern: '^https://[^/?#@]+/?$' })
  .transform((text) => new URL(text).origin);

function isHttpsOrigin(text: string): boolean {
  if (!/^https:\/\/[^/?#@\s]+\/?$/.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === 'https:' && url.hostname !== '' && url.username === '' && url.password === '';
}

export const ipAddress = z.string().refine((text) => isIP(text) !== 0, rule('ip-address'));

/** These two only: the Host check of the status pages knows them. */
export const loopbackAddress = z
  .string()
  .refine((text) => text === '127.0.0.1' || text === '::1', rule('loopback'))
  .meta({ enum: ['127.0.0.1', '::1'] });

/** A DNS name (RFC 1123 §2.1) or an address. */
export const hostName = z
  .string()
  .max(253)
  .refine(
    (text) => isIP(text) !== 0 || /^(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*$/.test(text),
    rule('host-name'),
  );

export const port = z.int().min(1).max(65_535);
/** Of a listener: 0 takes any free one (`agent/status/listening.ts` tells which). */
export const ownPort = z.int().min(0).max(65_535);

/** R22: QCVN 12:2026/BCA 2.2.9. */
export const retentionMonths = z
  .int()
  .max(1200)
  .refine((months) => months >= 12, rule('retention'))
  .meta({ minimum: 12 });

export const timetable = z
  .string()
  .max(100)
  .refine((text) => text.trim().split(/\s+/).length === 5 && !cronFault(text), rule('cron'));

/** Each time opens new epochs, which last as long as what is sealed under them: not more often than daily. */
export const dailyTimetable = z
  .string()
  .max(100)
  .refine((text) => isDaily(text), rule('cron-daily'));

const isDaily = (text: string): boolean =>
  /^\s*\d{1,2}\s+\d{1,2}(?:\s+\S+){3}\s*$/.test(text) && !cronFault(text);
