/** What of an event's details may be shown to everybody. Names are data: what is not known to be harmless is left out. */
import type { Details } from '#agent/core/errors.ts';

/** Texts under these names never hold the name or content of an item. Numbers and booleans never do. */
const harmless = new Set([
  'address',
  'agencies',
  'agency',
  'by',
  'cause',
  'chunk',
  'code',
  'cron',
  'decision',
  'digest',
  'errno',
  'field',
  'folder',
  'host',
  'issued',
  'keys',
  'labelClass',
  'lastSyncedAt',
  'limit',
  'log',
  'method',
  'node',
  'notAfter',
  'notBefore',
  'origin',
  'peer',
  'pid',
  'reason',
  'requirement',
  'role',
  'root',
  'route',
  'rule',
  'setting',
  'space',
  'state',
  'status',
  'syscall',
  'url',
  'validUntil',
  'version',
  'what',
  'witness',
]);

export const shownDetails = (details: Details): Details =>
  Object.fromEntries(
    Object.entries(details).filter(([name, value]) => typeof value !== 'string' || harmless.has(name)),
  );
