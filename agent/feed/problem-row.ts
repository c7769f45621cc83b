/** The row of one problem, by the path or place that it is of (`core/problem-place.ts`). */
import { z } from 'zod';
import type { Problem } from '#agent/core/errors.ts';
import { isPlace, placeFormerly } from '#agent/core/problem-place.ts';
import type { Db, Op } from './db.ts';
import { SpaceKeys } from './keys.ts';

const problemSchema = z.object({
  code: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** Absent in what a version wrote that named places by words that a file may bear as well. */
  of: z.enum(['item', 'place']).exactOptional(),
});

const parse = (value: Uint8Array) => problemSchema.parse(JSON.parse(Buffer.from(value).toString('utf8')));

export function problemFrom(path: string, value: Uint8Array): Problem {
  const { code, details } = parse(value);
  return { path, code, details };
}

export const encodeProblem = ({ path, code, details }: Problem): Uint8Array =>
  Buffer.from(JSON.stringify({ code, details, of: isPlace(path) ? 'place' : 'item' }), 'utf8');

/** At the start: places that an earlier version noted get names that no file can have. Their number stays. */
export async function movePlaces(db: Db, keys: SpaceKeys): Promise<void> {
  const ops: Op[] = [];
  for await (const [key, value] of db.entries(keys.allProblems())) {
    const path = SpaceKeys.textOf(key);
    const place = placeFormerly(path);
    if (place === undefined || parse(value).of !== undefined) continue;
    ops.push(
      { key },
      { key: keys.problem(place), value: encodeProblem({ ...problemFrom(path, value), path: place }) },
    );
  }
  if (ops.length > 0) await db.write(ops);
}
