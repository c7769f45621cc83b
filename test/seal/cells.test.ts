/** What an epoch seals in each form, against vectors that were made without the agent's code. */
import { describe, expect, it } from 'vitest';
import { cellBytes, cellData } from '#agent/core/cells.ts';
import { isCode } from '#agent/core/errors.ts';
import { parseChunkId, parseIncarnation, parseNodeId, parseSpaceId } from '#agent/core/ids.ts';
import type { SealForm } from '#agent/core/seal-form.ts';
import { suiteNames } from '#agent/core/suite-name.ts';
import { EpochKeys } from '#agent/seal/epoch.ts';
import { epochSecret } from '#agent/seal/key-types.ts';
import { sha256 } from '#agent/seal/verify.ts';
import vectors from '#test/vectors/cells.json' with { type: 'json' };
import base from '#test/vectors/seal-epoch.json' with { type: 'json' };

type Suite = (typeof suiteNames)[number];

const keysOf = (form: SealForm, suite: Suite = 'nacl-pq'): EpochKeys =>
  new EpochKeys({
    space: parseSpaceId(base.space),
    origin: { node: parseNodeId(base.node), incarnation: parseIncarnation(base.incarnation) },
    epoch: base.epoch,
    labelClass: base.labelClass,
    suite,
    form,
    secret: epochSecret(Uint8Array.fromHex(base.secret)),
  });

const cells = keysOf('cells');
const steps = keysOf('steps');
const padme = keysOf('padme');
const place = { path: 'hồ sơ.pdf', offset: 0 };

describe.each(suiteNames)('vectors, %s', (suite) => {
  const of = (form: string) => keysOf(form as SealForm, suite);

  it.each(vectors[suite].cells)('cell of $length bytes at $path, $offset', (vector) => {
    const { path, offset, length, fill, id, sha256: digest } = vector;
    const plain = new Uint8Array(length).fill(fill);
    const at = path === null ? undefined : { path, offset };
    const sealed = of('cells').sealChunk(parseChunkId(id), plain, at);
    expect({ size: sealed.length, digest: sha256(sealed) }).toEqual({ size: cellBytes, digest });
    expect(of('cells').openChunk(parseChunkId(id), sealed)).toEqual(plain);
  });

  it.each(vectors[suite].steps)(
    'chunk of $length bytes in steps',
    ({ length, fill, id, size, sha256: digest }) => {
      const plain = new Uint8Array(length).fill(fill);
      const sealed = of('steps').sealChunk(parseChunkId(id), plain);
      expect({ size: sealed.length, digest: sha256(sealed) }).toEqual({ size, digest });
      expect(of('steps').openChunk(parseChunkId(id), sealed)).toEqual(plain);
    },
  );

  it.each(vectors[suite].records)(
    'record of $length bytes, $form',
    ({ form, length, fill, size, sha256: digest }) => {
      const plain = new Uint8Array(length).fill(fill);
      const sealed = of(form).sealRecord(plain);
      expect({ size: sealed.length, digest: sha256(sealed) }).toEqual({ size, digest });
      expect(of(form).openRecord(sealed)).toEqual(plain);
    },
  );
});

describe('cells', () => {
  it('are no equal cells at two places, or as data and list', () => {
    const plain = new Uint8Array(100);
    const at = [undefined, place, { ...place, offset: cellData }, { ...place, path: 'khác.pdf' }];
    const sealed = at.map((one) => cells.seal(plain, one));
    expect(new Set(sealed.map(({ id }) => id)).size).toBe(4);
    expect(new Set(sealed.map(({ sealed: bytes }) => bytes.length))).toEqual(new Set([cellBytes]));
    expect(cells.seal(plain, place)).toEqual(cells.seal(plain, place));
  });

  it('are not sealed for another place than they were named for', () => {
    const { id } = cells.seal(new Uint8Array(9), place);
    const elsewhere = { ...place, offset: 1 };
    const thrown = (() => {
      try {
        return cells.sealChunk(id, new Uint8Array(9), elsewhere);
      } catch (error) {
        return error;
      }
    })();
    expect(isCode(thrown, 'CHUNK_CHANGED')).toBe(true);
  });

  it('hold no more than a cell', () => {
    expect(() => cells.idOf(new Uint8Array(cellData + 1), place)).toThrow(/INVARIANT/);
  });
});

describe('the padding of another form', () => {
  const forms = { cells, steps, padme };
  const plain = new Uint8Array(300).fill(3);
  const pairs = Object.entries(forms).flatMap(([a, from]) =>
    Object.entries(forms).flatMap(([b, to]) => (a === b ? [] : [[a, b, from, to] as const])),
  );

  it.each(pairs)('is refused: sealed as %s, opened as %s', (_a, _b, from, to) => {
    const { id, sealed } = from.seal(plain, place);
    expect(from.openChunk(id, sealed)).toEqual(plain);
    expect(to.openChunk(id, sealed)).toBeUndefined();
    expect(to.openRecord(from.sealRecord(plain))).toBeUndefined();
  });
});
