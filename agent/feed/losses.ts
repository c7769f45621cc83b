/**
 * What the folder lost in the last minutes, for the brakes on deletes: it outlives a restart, or a mass delete would only
 * have to wait for one. Each entry belongs to a run, the deletes of one look or of one pass of the apply step.
 */
import { decode, encode } from '#agent/core/codec.ts';
import type { Loss, LossSide } from '#agent/core/guard.ts';
import { bytesOf, parseDigest } from '#agent/core/ids.ts';
import type { Op } from './db.ts';
import { SpaceKeys } from './keys.ts';
import type { SpaceCore } from './space-core.ts';
import { Tuple } from './tuple.ts';

const opsAtOnce = 1000;
/** Side and run. */
const headBytes = 1 + 6;

export class Losses {
  readonly #core: SpaceCore;

  constructor(core: SpaceCore) {
    this.#core = core;
  }

  /** Told of each item that the index did not have in the folder before. */
  watchBirths(born: SpaceCore['born']): void {
    this.#core.born = born;
  }

  /** By run and path. */
  async *of(side: LossSide): AsyncGenerator<[run: number, loss: Loss]> {
    const { db, keys } = this.#core;
    for await (const [key, value] of db.entries(keys.losses(side)))
      yield [SpaceKeys.runOf(key), decodeLoss(SpaceKeys.textOf(key, headBytes), value)];
  }

  /** Durable on return. */
  async put(side: LossSide, run: number, losses: readonly Loss[]): Promise<void> {
    if (losses.length === 0) return;
    const { db, keys } = this.#core;
    await db.write(losses.map((loss) => ({ key: keys.loss(side, run, loss.path), value: encodeLoss(loss) })));
  }

  /** Those of `run` and of the runs before it. */
  async forget(side: LossSide, run: number): Promise<void> {
    const { db, keys } = this.#core;
    let ops: Op[] = [];
    for await (const [key] of db.entries(keys.lossesUpTo(side, run))) {
      ops.push({ key });
      if (ops.length < opsAtOnce) continue;
      await db.write(ops);
      ops = [];
    }
    if (ops.length > 0) await db.write(ops);
  }
}

const encodeLoss = ({ content, stood = 0 }: Loss): Uint8Array =>
  encode([stood, ...(content ? [content.size, bytesOf(content.sha256)] : [])]);

function decodeLoss(path: string, value: Uint8Array): Loss {
  const t = new Tuple('loss', decode(value));
  const stood = t.int();
  const content = t.more() ? { content: { size: t.int(), sha256: parseDigest(t.hex()) } } : {};
  return { path, ...content, ...(stood > 0 ? { stood } : {}) };
}
