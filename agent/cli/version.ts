/** The version of dongbo, from its package. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const about = z.object({ version: z.string() });

export const version: string = about.parse(
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
).version;
