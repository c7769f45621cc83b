/** Seam 3: everything that a node must not forget, in one LevelDB. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type NodeId, parseSpaceId, type SpaceId } from '#agent/core/ids.ts';
import { type ReadBootId, readBootId } from '#agent/sys/boot-id.ts';
import { type Clock, systemClock } from '#agent/sys/clock.ts';
import { makeDirDurable } from '#agent/sys/durable.ts';
import { decodeCounts, noCounts } from './counts.ts';
import { Db, damaged } from './db.ts';
import { findDamage, logSizes } from './db-check.ts';
import { nightsCursor } from './history.ts';
import { allUnder, joinKey, numberFrom, SpaceKeys } from './keys.ts';
import { movePlaces } from './problem-row.ts';
import { SpaceCore } from './space-core.ts';
import { SpaceState } from './space-state.ts';
import { readStateFile, type StateFile, stateFormat, writeStateFile } from './state-file.ts';

/** `put` and `erase` are durable on return. */
export interface SecretStore {
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, value: Uint8Array): Promise<void>;
  erase(key: string): Promise<void>;
}

export interface StateOptions {
  readonly node: NodeId;
  readonly clock?: Clock;
  readonly bootId?: ReadBootId;
}

const kinds = { secret: 'S', meta: 'M', made: 'D', counts: 'k' } as const;

export class State implements AsyncDisposable {
  /** For the other parts of `feed/` only. */
  readonly db: Db;
  /** Epoch secrets and tag keys. */
  readonly secrets: SecretStore;
  readonly #dir: string;
  readonly #file: StateFile;
  readonly #cores: Map<SpaceId, SpaceCore>;
  readonly #spaces = new Map<SpaceId, SpaceState>();

  private constructor(dir: string, file: StateFile, db: Db, cores: Map<SpaceId, SpaceCore>) {
    this.#dir = dir;
    this.#file = file;
    this.db = db;
    this.#cores = cores;
    this.secrets = {
      get: (key) => db.get(joinKey(kinds.secret, key)),
      put: (key, value) => db.write([{ key: joinKey(kinds.secret, key), value }]),
      erase: (key) => eraseSecret(db, joinKey(kinds.secret, key)),
    };
  }

  /**
   * Opens `<dir>/state.json` and `<dir>/db`, and makes both when neither is there. Throws STATE_FOREIGN (of another
   * node), STATE_NEWER (of a later version), STATE_DAMAGED, STATE_BUSY (in use), STATE_UNREADABLE.
   */
  static async open(dir: string, options: StateOptions): Promise<State> {
    const { node, clock = systemClock, bootId = readBootId } = options;
    const found = await readStateFile(dir, node);
    if (!found && (await holdsDatabase(dir))) throw damaged(dir, 'state.json must be there');
    const made = !found || found.database.is === 'making';
    const now = new Date(clock.now()).toISOString();
    const boot = await bootId();
    const powerCut = powerCutOf(found, boot) ? (boot ?? now) : found?.powerCut;
    const file: StateFile = {
      format: stateFormat,
      node,
      created: found?.created ?? now,
      database: { is: 'open', ...(boot === undefined ? {} : { boot }) },
      ...(powerCut === undefined ? {} : { powerCut }),
    };
    const db = made ? await makeDatabase(dir, file) : await openDatabase(dir, found.database, file);
    try {
      return new State(dir, file, db, await readCores(db));
    } catch (error) {
      await db[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Names the last time that the machine went down while this state was open; undefined when it never did. */
  get powerCut(): string | undefined {
    return this.#file.powerCut;
  }

  /** Always the same object for one space. */
  space(id: SpaceId): SpaceState {
    let space = this.#spaces.get(id);
    if (!space) {
      space = new SpaceState(this.#cores.get(id) ?? new SpaceCore(this.db, id, noCounts));
      this.#spaces.set(id, space);
    }
    return space;
  }

  /** A small fact about this node, such as the incarnation of its feed. */
  async getMeta(name: string): Promise<string | undefined> {
    const value = await this.db.get(joinKey(kinds.meta, name));
    return value && Buffer.from(value).toString('utf8');
  }

  /** Durable on return. */
  async putMeta(name: string, value: string): Promise<void> {
    await this.db.write([{ key: joinKey(kinds.meta, name), value: Buffer.from(value, 'utf8') }]);
  }

  /**
   * Waits for what is being written, then notes that nothing may be missing from now on. After a failed write that
   * would be a lie: the state is left as by a crash.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.db[Symbol.asyncDispose]();
    if (this.db.failed) return;
    const logs = await logSizes(join(this.#dir, 'db'));
    await writeStateFile(this.#dir, { ...this.#file, database: { is: 'closed', logs } });
  }
}

/**
 * The value is brought to a table first: LevelDB would write a put and a delete that it still holds in memory side by
 * side, and never look at that table again.
 */
async function eraseSecret(db: Db, key: Uint8Array): Promise<void> {
  const all = allUnder(joinKey(kinds.secret));
  await db.compact(all);
  await db.write([{ key }]);
  await db.compact(all);
}

/** Not after a mere end of the process: what it wrote is still with the kernel. Where nobody knows, it is believed. */
const powerCutOf = (found: StateFile | undefined, boot: string | undefined): boolean =>
  found?.database.is === 'open' && (boot === undefined || found.database.boot !== boot);

async function holdsDatabase(dir: string): Promise<boolean> {
  try {
    return (await readdir(join(dir, 'db'))).length > 0;
  } catch {
    return false;
  }
}

/** A crash may have left half a database from an attempt before; nothing was ever committed to that one. */
async function makeDatabase(dir: string, file: StateFile): Promise<Db> {
  await makeDirDurable(dir, 0o700);
  await writeStateFile(dir, { ...file, database: { is: 'making' } });
  await rm(join(dir, 'db'), { recursive: true, force: true });
  await makeDirDurable(join(dir, 'db'), 0o700);
  const db = await Db.open(join(dir, 'db'), { create: true });
  // A first durable write brings LevelDB's own files to the disk.
  await db.write([{ key: joinKey(kinds.made), value: new Uint8Array() }]);
  await writeStateFile(dir, file);
  return db;
}

async function openDatabase(dir: string, database: StateFile['database'], file: StateFile): Promise<Db> {
  const closed = database.is === 'closed' ? database.logs : undefined;
  const damage = await findDamage(join(dir, 'db'), closed).catch((cause: unknown) => {
    throw damaged(dir, 'the files of the database must be readable', cause);
  });
  if (damage) throw damaged(dir, `db/${damage.file} ${damage.rule}`);
  // Before LevelDB touches its files: from here on the sizes noted no longer hold.
  await writeStateFile(dir, file);
  return Db.open(join(dir, 'db'), { create: false });
}

async function readCores(db: Db): Promise<Map<SpaceId, SpaceCore>> {
  const cores = new Map<SpaceId, SpaceCore>();
  for await (const [key, value] of db.entries(allUnder(joinKey(kinds.counts)))) {
    const space = parseSpaceId(key.subarray(1).toHex());
    const keys = new SpaceKeys(space);
    const nights = await db.get(keys.cursor(nightsCursor));
    await movePlaces(db, keys);
    cores.set(space, new SpaceCore(db, space, decodeCounts(value), nights ? numberFrom(nights) : 0));
  }
  return cores;
}
