/** Authors of versions. */
import { hash } from 'node:crypto';
import { type Actor, bytesOf, type Origin, parseActor } from './ids.ts';
import type { Version } from './version.ts';

/** The members of a space are few, and each plan asks for several: so many are remembered. */
const maxKnown = 4096;
const known = new Map<string, Actor>();

/** First 8 bytes of SHA-256(node ‖ incarnation): each life of a node counts for itself. */
export function actorOf(origin: Origin): Actor {
  const key = origin.node + origin.incarnation;
  const remembered = known.get(key);
  if (remembered) return remembered;
  const actor = parseActor(hash('sha256', bytesOf(key), 'hex').slice(0, 16));
  if (known.size >= maxKnown) known.clear();
  known.set(key, actor);
  return actor;
}

/** How many versions of `actor` a version knows of. */
export const countOf = (v: Version, actor: Actor): number => v.find(([a]) => a === actor)?.[1] ?? 0;
