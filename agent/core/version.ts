/** Causal versions: one counter per author (a version vector). Time stamps are never consulted. */
import type { Actor } from './ids.ts';

/** Entries sorted by actor; counters are positive integers. */
export type Version = readonly (readonly [Actor, number])[];

export type Order = 'equal' | 'before' | 'after' | 'concurrent';

export const emptyVersion: Version = [];

const counter = (v: Version, actor: Actor): number => v.find(([a]) => a === actor)?.[1] ?? 0;

/** How `a` stands to `b`: 'before' means that `b` knew of `a`. */
export function compareVersions(a: Version, b: Version): Order {
  const less = a.some(([actor, n]) => n > counter(b, actor));
  const more = b.some(([actor, n]) => n > counter(a, actor));
  if (less && more) return 'concurrent';
  if (less) return 'after';
  return more ? 'before' : 'equal';
}

/** The least version that knows of both. */
export function mergeVersions(a: Version, b: Version): Version {
  const all = new Map<Actor, number>(a);
  for (const [actor, n] of b) all.set(actor, Math.max(n, all.get(actor) ?? 0));
  return [...all].sort(([x], [y]) => (x < y ? -1 : 1));
}

/** A version after `v`, written by `actor`. */
export function bumpVersion(v: Version, actor: Actor): Version {
  return mergeVersions(v, [[actor, counter(v, actor) + 1]]);
}
