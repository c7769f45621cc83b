/** Versions within a map: [actor, counter] pairs, sorted by actor, none twice. */
import type { Fields } from './fields.ts';
import { type Actor, bytesOf, hexText, parseActor } from './ids.ts';
import type { Version } from './version.ts';

/** Every member may have had several lives; beyond this a version is an attack. */
const maxActors = 8192;
/** Leaves room to count on: a member must not be able to wind a counter to where it cannot move. */
export const maxCounter = 2 ** 48;

export const versionList = (v: Version): (readonly [Uint8Array, number])[] =>
  v.map(([actor, n]) => [bytesOf(actor), n]);

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
