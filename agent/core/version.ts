/** Causal versions: one counter per author (a version vector). Time stamps are never consulted. */
import { maxActors, maxCounter } from './bounds.ts';
import type { Actor } from './ids.ts';

/** Entries sorted by actor; counters are positive integers. */
export type Version = readonly (readonly [Actor, number])[];

export type Order = 'equal' | 'before' | 'after' | 'concurrent';

/** Whether others take a record with this version. */
export const isWithinBounds = (v: Version): boolean =>
  v.length <= maxActors && v.every(([, n]) => n <= maxCounter);

export const emptyVersion: Version = [];

const counter = (v: Version, actor: Actor): number => v.find(([a]) => a === actor)?.[1] ?? 0;

/** How `a` stands to `b`: 'before' means that `b` knew of `a`. */
export function compareVersions(a: Version, b: Version): Order {
  const less = exceeds(a, b);
  const more = exceeds(b, a);
  if (less && more) return 'concurrent';
  if (less) return 'after';
  return more ? 'before' : 'equal';
}

/** Whether `a` counts further than `b` anywhere. Both are sorted, so one pass tells: they may be long. */
function exceeds(a: Version, b: Version): boolean {
  let at = 0;
  for (const [actor, n] of a) {
    while ((b[at]?.[0] ?? actor) < actor) at += 1;
    const [other, known] = b[at] ?? [];
    if (other !== actor || n > (known ?? 0)) return true;
  }
  return false;
}

/** The least version that knows of both. */
export function mergeVersions(a: Version, b: Version): Version {
  const all = new Map<Actor, number>(a);
  for (const [actor, n] of b) all.set(actor, Math.max(n, all.get(actor) ?? 0));
  return [...all].sort(([x], [y]) => (x < y ? -1 : 1));
}

/**
 * `v` with at most `maxActors` entries: those of `keep`, then as many others as there is room for. To forget an entry
 * loses nothing: a record that is no longer known of counts as concurrent and stands beside.
 */
export function boundVersion(v: Version, keep: () => readonly Actor[]): Version {
  if (v.length <= maxActors) return v;
  const kept = new Set(keep().slice(0, maxActors));
  let room = maxActors - v.filter(([actor]) => kept.has(actor)).length;
  return v.filter(([actor]) => kept.has(actor) || room-- > 0);
}

/** A version after `v`, written by `actor`. */
export function bumpVersion(v: Version, actor: Actor): Version {
  return mergeVersions(v, [[actor, counter(v, actor) + 1]]);
}
