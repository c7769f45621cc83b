/**
 * `state.json`, beside the database: whose state this is, and how it was left. A database that is gone or cut short is
 * known by it; without it LevelDB would begin a new, empty one in silence. It also tells a process that was killed from
 * a machine that went down: only then may files have lost what was written to them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DongboError } from '#agent/core/errors.ts';
import { type NodeId, parseNodeId } from '#agent/core/ids.ts';
import { parseWith } from '#agent/core/schema-error.ts';
import { writeFileDurable } from '#agent/sys/durable.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { damaged } from './db.ts';

/**
 * What this version writes; it opens no higher one. 2: rows tell what is withdrawn, epochs have forms and a ledger, none
 * of which a version that knows 1 would keep. 3: what feeds brought to a path is known by its history alone.
 */
export const stateFormat = 3;

const schema = z.strictObject({
  format: z.literal([1, 2, stateFormat]),
  node: z.string().transform((text) => parseNodeId(text)),
  /** ISO 8601, UTC. */
  created: z.iso.datetime(),
  /**
   * `making`: nothing was ever committed. `open`: in use, or ended without a clean stop, under the boot id `boot`.
   * `closed`: with log sizes.
   */
  database: z.discriminatedUnion('is', [
    z.strictObject({ is: z.literal('making') }),
    z.strictObject({ is: z.literal('open'), boot: z.string().exactOptional() }),
    z.strictObject({ is: z.literal('closed'), logs: z.record(z.string(), z.int().min(0)) }),
  ]),
  /** Names the last time that the machine went down under an open state; kept from then on. */
  powerCut: z.string().exactOptional(),
});

export type StateFile = z.output<typeof schema>;

const fileOf = (dir: string): string => join(dir, 'state.json');

export const writeStateFile = (dir: string, file: StateFile): Promise<void> =>
  writeFileDurable(fileOf(dir), Buffer.from(`${JSON.stringify(file, undefined, 2)}\n`, 'utf8'), {
    mode: 0o600,
  });

/** Undefined when there is none. Throws STATE_DAMAGED, STATE_NEWER, STATE_FOREIGN, STATE_UNREADABLE. */
export async function readStateFile(dir: string, node: NodeId): Promise<StateFile | undefined> {
  const text = await textOf(dir);
  if (text === undefined) return undefined;
  const json = parsed(dir, text);
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined;
  if (typeof format === 'number' && format > stateFormat) {
    throw new DongboError('STATE_NEWER', { dir, format, known: stateFormat });
  }
  const file = shaped(dir, json);
  if (file.node !== node) throw new DongboError('STATE_FOREIGN', { dir, owner: file.node, node });
  return file;
}

async function textOf(dir: string): Promise<string | undefined> {
  try {
    return await readFile(fileOf(dir), 'utf8');
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw new DongboError('STATE_UNREADABLE', { dir }, { cause: error });
  }
}

function parsed(dir: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(dir, 'state.json must be JSON', cause);
  }
}

function shaped(dir: string, json: unknown): StateFile {
  try {
    return parseWith(schema, json, 'STATE_DAMAGED');
  } catch (cause) {
    throw damaged(dir, 'state.json must have its fields', cause);
  }
}
