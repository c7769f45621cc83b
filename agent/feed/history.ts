/**
 * What was at a path and is not there any more, as far as something that cannot be undone may hang on it: who brought
 * which content (`core/withdraw.ts`), and under which record a content was published (`cycle/kin.ts`). Both follow the
 * rows by themselves: they are written as a record ceases to stand, so that of most items there is nothing to write.
 */
import { hash } from 'node:crypto';
import { decode, encode } from '#agent/core/codec.ts';
import { type Origin, originKey } from '#agent/core/ids.ts';
import type { Brought, ItemState, Row } from '#agent/core/item.ts';
import { standing, withAgreed } from '#agent/core/merge.ts';
import { beyondBound, contentName } from '#agent/core/withdraw.ts';
import type { Op } from './db.ts';
import { numberAsBytes, SpaceKeys } from './keys.ts';
import type { SpaceCore } from './space-core.ts';
import { originFrom, originValue } from './state-codec.ts';
import { Tuple } from './tuple.ts';

type File = Extract<ItemState, { kind: 'file' }>;

/** The record under which a file was published that is not what stands at its path. */
export interface Former {
  readonly author: Origin;
  readonly epoch: number;
  readonly seq: number;
}

const nameBytes = 16;
const maxFound = 256;
/** Contents that were published once. Each takes about 150 bytes. */
const maxFormer = 1_000_000;
/** Nights that this node has lived through since. */
const formerNights = 400;
const opsAtOnce = 1000;
/** Nights that were lived through: no date, which may be wrong. */
export const nightsCursor = 'nights';

export function broughtOp(keys: SpaceKeys, path: string, { author, seq, name, over }: Brought): Op {
  const key = keys.brought(path, author, hash('sha256', name, 'buffer').subarray(0, nameBytes));
  return { key, value: encode([originValue(author), seq, name, over]) };
}

function decodeBrought(value: Uint8Array): Brought {
  const t = new Tuple('brought', decode(value), 4);
  return { author: originFrom(t.next()), seq: t.int(), name: t.text(), over: t.next() === true };
}

export class History {
  readonly #core: SpaceCore;

  constructor(core: SpaceCore) {
    this.#core = core;
  }

  /** What feeds ever brought to a path, the records that stand in its row apart. */
  async brought(path: string): Promise<Brought[]> {
    const { db, keys } = this.#core;
    const found: Brought[] = [];
    for await (const [, value] of db.entries(keys.broughtTo(path))) found.push(decodeBrought(value));
    return found;
  }

  /** Records under which a file's content was published that is not what stands any more; so many at most. */
  async formerOf(file: File): Promise<Former[]> {
    const { db, keys } = this.#core;
    const [found = []] = await db.firstOf([keys.formerOf(file)], maxFound);
    return found.map(([, value]) => {
      const t = new Tuple('former', decode(value), 4);
      return { author: originFrom(t.next()), epoch: t.int(), seq: t.int() };
    });
  }

  /** Once a night: forgets what is too old or too much. Of which feed something was forgotten stays known. */
  async age(nights: number): Promise<void> {
    const core = this.#core;
    await write(core, [{ key: core.keys.cursor(nightsCursor), value: numberAsBytes(nights) }]);
    core.nights = nights;
    await ageBrought(core);
    await ageFormer(core);
  }
}

/** What to write when the row of a path changes. */
export function historyOps(
  { keys, nights }: Pick<SpaceCore, 'keys' | 'nights'>,
  path: string,
  before: Row,
  after: Row | undefined,
): Op[] {
  const stands = new Set(standing(after?.remote).map(keyOf));
  const left = standing(withAgreed(before.remote, before.agreed)).filter((one) => !stands.has(keyOf(one)));
  return left.flatMap(({ author, epoch, seq, state }) => {
    const op = broughtOp(keys, path, { author, seq, name: contentName(state) ?? '', over: false });
    if (state.kind !== 'file' || state.size === 0 || epoch === 0) return [op];
    return [op, { key: keys.former(state, path), value: encode([originValue(author), epoch, seq, nights]) }];
  });
}

const keyOf = ({ author, state }: { readonly author: Origin; readonly state: ItemState }): string =>
  `${originKey(author)} ${contentName(state)}`;

async function ageBrought(core: SpaceCore): Promise<void> {
  const { db, keys } = core;
  let of = '';
  let some: { readonly key: Uint8Array; readonly brought: Brought }[] = [];
  const settle = async () => {
    const { excess, forgot } = beyondBound(some.map(({ brought }) => brought));
    const [first] = some;
    if (!first || excess.length === 0) return;
    const path = SpaceKeys.pathOfBrought(first.key);
    const gone = excess.map((one) => ({ key: broughtOp(keys, path, one).key }));
    await write(core, [...gone, ...forgot.map((one) => broughtOp(keys, path, one))]);
  };
  for await (const [key, value] of db.entries(keys.allBrought())) {
    const prefix = Buffer.from(key.subarray(0, -nameBytes)).toString('latin1');
    if (prefix !== of) await settle();
    if (prefix !== of) some = [];
    of = prefix;
    some.push({ key, brought: decodeBrought(value) });
  }
  await settle();
}

async function ageFormer(core: SpaceCore): Promise<void> {
  const { db, keys, nights } = core;
  const perNight = new Map<number, number>();
  const nightOf = (value: Uint8Array) => {
    const [, , , night] = decode(value) as unknown[];
    return typeof night === 'number' ? night : 0;
  };
  for await (const [, value] of db.entries(keys.allFormer()))
    perNight.set(nightOf(value), (perNight.get(nightOf(value)) ?? 0) + 1);
  let kept = 0;
  let oldest = nights;
  // The newest nights, as far as they fit.
  for (; oldest > nights - formerNights; oldest -= 1) {
    kept += perNight.get(oldest) ?? 0;
    if (kept > maxFormer) break;
  }
  if (![...perNight.keys()].some((night) => night <= oldest)) return;
  let ops: Op[] = [];
  for await (const [key, value] of db.entries(keys.allFormer())) {
    if (nightOf(value) > oldest) continue;
    ops.push({ key });
    if (ops.length < opsAtOnce) continue;
    await write(core, ops);
    ops = [];
  }
  await write(core, ops);
}

/** Between commits: rows that change meanwhile write their own. */
const write = async ({ commits, db }: SpaceCore, ops: readonly Op[]): Promise<void> => {
  if (ops.length > 0) await commits.run(() => db.write([...ops]));
};
