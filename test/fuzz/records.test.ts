/**
 * What a member may sign: records that open, with anything in them, through the real intake, index, stage and disk of a
 * reader. Whatever comes, each honest file arrives, nothing is written beside the root, and no run ends.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { decode, encode } from 'cborg';
import { expect, it } from 'vitest';
import { encodeChange } from '#agent/core/change-codec.ts';
import type { ChunkId, Origin } from '#agent/core/ids.ts';
import type { ItemChange } from '#agent/core/item.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import type { SealForm } from '#agent/core/seal-form.ts';
import { EpochKeys } from '#agent/seal/epoch.ts';
import { epochSecret } from '#agent/seal/key-types.ts';
import { Author, labelClass, space } from '#test/apply/author.ts';
import { Reader } from '#test/apply/reader.ts';
import { type Chance, fuzz, fuzzLimit } from './fuzz.ts';
import { mutateBytes, mutateValue } from './mutate.ts';

const forms: readonly SealForm[] = ['padme', 'steps', 'cells'];

/** Epochs 1 to 3, one of each form. */
const keysOf = ({ node, incarnation }: Origin, epoch: number): EpochKeys =>
  new EpochKeys({
    space,
    origin: { node, incarnation },
    epoch,
    labelClass,
    suite: 'nacl-pq',
    form: forms[(epoch - 1) % 3] ?? 'padme',
    secret: epochSecret(new Uint8Array(32).fill(node.charCodeAt(1) + epoch)),
  });

const paths = ['a', 'b', 'a/b', 'a/b/c', 'd', 'd/e', 'A', 'ắ', 'a\u0306\u0301', 'x.tmp', 'k'.repeat(255)];
const known: ChunkId[] = [];

function honestChange(chance: Chance, a: Author): ItemChange {
  const path = chance.pick(paths);
  switch (chance.below(6)) {
    case 0:
      return a.dir(path, chance.pick([0o755, 0o700, 0o500, 0]));
    case 1:
      return a.link(path, chance.pick(['x', '..', '/etc', 'a/b']));
    case 2:
      return a.gone(path);
    default:
      return a.file(path, new Uint8Array(chance.pick([0, 1, 500, 70_000, 2_000_000])).fill(chance.below(3)));
  }
}

/** Of an author that is not bound by its own program. */
function hostileBody(chance: Chance, a: Author): Uint8Array {
  const epoch = 1 + chance.below(3);
  const change = honestChange(chance, a);
  known.push(...(change.content?.refs ?? []).map(({ id }) => id));
  let plain = encodeChange(change);
  if (!chance.once(4)) {
    const value = decode(plain, { allowBigInt: true }) as Record<string, unknown>;
    plain = encode(mutateValue(chance, chance.once(3) ? withKnown(chance, value) : value));
  } else if (chance.once(3)) plain = mutateBytes(chance, plain);
  const sealed = keysOf(a.origin, epoch).sealRecord(plain);
  const label = chance.once(10) ? chance.pick(['', 'SECRET', 'CONFIDENTIAL', '\0']) : labelClass;
  const body = encodeRecord({ type: 'item', epoch, labelClass: label, sealed });
  return chance.once(15) ? mutateBytes(chance, body) : body;
}

/** Names pieces that the reader may have, as data or as lists, under whatever epoch. */
function withKnown(chance: Chance, value: Record<string, unknown>): Record<string, unknown> {
  const id = known.length > 0 ? Buffer.from(chance.pick(known), 'hex') : chance.bytes(32);
  const refs = new Uint8Array(Buffer.concat([id, Uint8Array.of(0, 0, 1, 68)]));
  return { ...value, levels: chance.below(3), refs, size: chance.pick([36, 324, 147_159, 70_000]) };
}

async function round(chance: Chance, seed: number): Promise<void> {
  await using b = await Reader.open();
  b.keysOf = keysOf;
  const [honest, hostile] = [new Author(1), new Author(2)];
  known.length = 0;
  for (let turn = 0; turn < 6; turn++) {
    const bodies = Array.from({ length: 1 + chance.below(30) }, () => hostileBody(chance, hostile));
    await b.take(hostile, hostile.segmentOfBodies(bodies));
    const file = `honest-${turn}`;
    await b.take(honest, honest.segment(honest.file(file, file)));
    if (chance.once(3)) b.newApplier();
    for (let run = 0; run < 5 && (await b.apply()).again; run++);
    if (!existsSync(b.at(file))) await b.apply();
    expect(await readFile(b.at(file), 'utf8'), `seed ${seed}, turn ${turn}`).toBe(file);
    for await (const { code } of b.state.problems()) expect(code).not.toBe('OWN_FAULT');
  }
  expect((await readdir(dirname(b.root))).sort()).toEqual(['root', 'state']);
}

it('records', fuzzLimit, () => fuzz('records', round));
