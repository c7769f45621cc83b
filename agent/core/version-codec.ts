/** Versions within a map: [actor, counter] pairs, sorted by actor, none twice. */
import { maxActors, maxCounter } from './bounds.ts';
import { DongboError } from './errors.ts';
import type { Fields } from './fields.ts';
import { type Actor, bytesOf, hexText, parseActor } from './ids.ts';
import { isWithinBounds, type Version } from './version.ts';

/** Throws INVARIANT for a version that nobody would take. */
export function versionList(v: Version): (readonly [Uint8Array, number])[] {
  if (!isWithinBounds(v)) throw new DongboError('INVARIANT', { what: 'a version beyond its bounds' });
  return v.map(([actor, n]) => [bytesOf(actor), n]);
}

/** At least one pair. Throws CODEC_MALFORMED. */
export function readVersion(fields: Fields, field: string): Version {
  const version = fields.list(field, 1, maxActors).map((pair) => readPair(fields, field, pair));
  const sorted = version.every(([actor], i) => i === 0 || (version[i - 1]?.[0] ?? '') < actor);
  return sorted ? version : fields.fail(field, 'sorted by actor, each once');
}

function readPair(fields: Fields, field: string, pair: unknown): readonly [Actor, number] {
  if (!Array.isArray(pair) || pair.length !== 2) return fields.fail(field, 'pairs');
  const [actor, n]: unknown[] = pair;
  if (!(actor instanceof Uint8Array) || actor.length !== 8) return fields.fail(field, 'actors of 8 bytes');
  const counts = typeof n === 'number' && Number.isSafeInteger(n) && n >= 1 && n <= maxCounter;
  return counts ? [parseActor(hexText(actor)), n] : fields.fail(field, `counters of 1 to ${maxCounter}`);
}
