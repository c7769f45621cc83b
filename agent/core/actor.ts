/** Authors of versions. */
import { hash } from 'node:crypto';
import { type Actor, bytesOf, type Origin, parseActor } from './ids.ts';
import type { Version } from './version.ts';

/** First 8 bytes of SHA-256(node ‖ incarnation): each life of a node counts for itself. */
export function actorOf(origin: Origin): Actor {
  const bytes = Buffer.concat([bytesOf(origin.node), bytesOf(origin.incarnation)]);
  return parseActor(hash('sha256', bytes, 'hex').slice(0, 16));
}

/** How many versions of `actor` a version knows of. */
export const countOf = (v: Version, actor: Actor): number => v.find(([a]) => a === actor)?.[1] ?? 0;
