/** What the reading and the writing half of one space share. */
import type { NodeId, SpaceId } from '#agent/core/ids.ts';
import type { SpaceCounts } from './counts.ts';
import type { Db } from './db.ts';
import { SpaceKeys } from './keys.ts';
import { Mutex } from './mutex.ts';

export class SpaceCore {
  readonly db: Db;
  readonly space: SpaceId;
  readonly keys: SpaceKeys;
  /** Held by every commit, so that counts and chains are judged on what is really there. */
  readonly commits = new Mutex();
  /** Held by callers that read, decide and write; commits happen inside it. */
  readonly decisions = new Mutex();
  counts: SpaceCounts;
  /** The number of the next file that chunks are found in; undefined until first needed. */
  nextFile: number | undefined;
  /** Peers that were brought chunks, and how many each is still to drop; undefined until first needed. */
  pushedTo: Map<NodeId, number> | undefined;

  /** See `SpaceState.watchBirths`. */
  born: ((path: string, isFile: boolean) => void) | undefined;

  /** See `history.ts`. */
  nights: number;

  constructor(db: Db, space: SpaceId, counts: SpaceCounts, nights = 0) {
    this.db = db;
    this.space = space;
    this.keys = new SpaceKeys(space);
    this.counts = counts;
    this.nights = nights;
  }
}
