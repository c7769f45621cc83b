/** What every suite must do. Run by each suite's test. */
import { describe, expect, it } from 'vitest';
import { wrapPublic as asPublic, epochSecret } from '#agent/seal/key-types.ts';
import type { Suite } from '#agent/seal/suite.ts';

const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);
const secret = epochSecret(bytes(32, 7));
const seed = (suite: Suite, fill: number) => bytes(suite.seedLength, fill);
const info = new TextEncoder().encode('for this epoch');

/** Every position when short, else 64 spread over all of it. */
function positions(length: number): number[] {
  const step = Math.max(1, Math.floor(length / 64));
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => i * step);
}

function flipped(source: Uint8Array, at: number): Uint8Array {
  const copy = source.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

export function suiteContract(suite: Suite): void {
  describe(`suite ${suite.name}`, () => {
    it('gives the reader the secret, bound to its purpose', async () => {
      const reader = await suite.keyPair(seed(suite, 1));
      const wrapped = await suite.wrap(reader.wrapPublic, secret, info);
      expect(await suite.unwrap(reader.wrapPrivate, wrapped, info)).toEqual(secret);
      expect(await suite.unwrap(reader.wrapPrivate, wrapped, flipped(info, 0))).toBeUndefined();
      expect(await suite.unwrap(reader.wrapPrivate, wrapped, new Uint8Array(0))).toBeUndefined();
    });

    it('makes the same pair from the same seed, and another from another', async () => {
      const pair = await suite.keyPair(seed(suite, 1));
      expect(await suite.keyPair(seed(suite, 1))).toEqual(pair);
      expect((await suite.keyPair(seed(suite, 2))).wrapPublic).not.toEqual(pair.wrapPublic);
    });

    it('never wraps twice alike', async () => {
      const { wrapPublic } = await suite.keyPair(seed(suite, 1));
      const [a, b] = [await suite.wrap(wrapPublic, secret, info), await suite.wrap(wrapPublic, secret, info)];
      expect(a.enc).not.toEqual(b.enc);
      expect(a.sealed).not.toEqual(b.sealed);
    });

    it('opens for nobody else', async () => {
      const [reader, other] = [await suite.keyPair(seed(suite, 1)), await suite.keyPair(seed(suite, 2))];
      const wrapped = await suite.wrap(reader.wrapPublic, secret, info);
      expect(await suite.unwrap(other.wrapPrivate, wrapped, info)).toBeUndefined();
    });

    it('opens nothing with a bit flipped, anywhere', async () => {
      const reader = await suite.keyPair(seed(suite, 1));
      const { enc, sealed } = await suite.wrap(reader.wrapPublic, secret, info);
      for (const at of positions(enc.length)) {
        const wrapped = { enc: flipped(enc, at), sealed };
        expect(await suite.unwrap(reader.wrapPrivate, wrapped, info), `enc ${at}`).toBeUndefined();
      }
      for (const at of positions(sealed.length)) {
        const wrapped = { enc, sealed: flipped(sealed, at) };
        expect(await suite.unwrap(reader.wrapPrivate, wrapped, info), `sealed ${at}`).toBeUndefined();
      }
    });

    it('opens nothing cut short or made longer', async () => {
      const reader = await suite.keyPair(seed(suite, 1));
      const { enc, sealed } = await suite.wrap(reader.wrapPublic, secret, info);
      const longer = (b: Uint8Array) => Uint8Array.from([...b, 0]);
      for (const change of [(b: Uint8Array) => b.subarray(1), longer, () => new Uint8Array(0)]) {
        expect(await suite.unwrap(reader.wrapPrivate, { enc: change(enc), sealed }, info)).toBeUndefined();
        expect(await suite.unwrap(reader.wrapPrivate, { enc, sealed: change(sealed) }, info)).toBeUndefined();
      }
    });

    it('accepts its own public keys only', async () => {
      const { wrapPublic } = await suite.keyPair(seed(suite, 1));
      expect(await suite.accepts(wrapPublic)).toBe(true);
      expect(await suite.accepts(asPublic(wrapPublic.subarray(1)))).toBe(false);
      expect(await suite.accepts(asPublic(bytes(wrapPublic.length, 0xff)))).toBe(false);
      await expect(suite.wrap(asPublic(bytes(wrapPublic.length, 0xff)), secret, info)).rejects.toThrow();
    });
  });
}
