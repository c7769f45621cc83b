/** The road of MẬT items under a device's keys, and that nothing of them is touched or lost without it. */
import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Agreement } from '#agent/core/agreement.ts';
import type { CipherApproval } from '#agent/core/agreement-terms.ts';
import type { CipherProduct } from '#agent/core/cipher-product.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { sampleKey } from '#test/contract/state-cipher.ts';
import { Pair, recordsOf, secret, textAt, twoParties } from './secret-pair.ts';
import { secretAgreement, secretRules, TestDevice } from './secret-space.ts';

let parties: readonly [Identity, Identity];
let agreement: Agreement;

beforeAll(async () => {
  parties = await twoParties();
  agreement = await secretAgreement(parties);
});

describe('with approved devices of one key at both ends', () => {
  it('a MẬT item goes from one to the other, and its edit and its delete', async () => {
    const [one, two] = [await TestDevice.ready(), await TestDevice.ready()];
    await using pair = await Pair.open(agreement, { device: one }, { device: two });
    await pair.write();
    await pair.carry();
    expect([await textAt(pair.b, secret), await textAt(pair.b, 'thường.txt')]).toEqual([
      'kế hoạch',
      'thường',
    ]);
    await writeFile(pair.a.at(secret), 'kế hoạch mới');
    await pair.carry();
    expect(await textAt(pair.b, secret)).toBe('kế hoạch mới');
    await rm(pair.a.at(secret));
    await pair.carry();
    expect(await textAt(pair.b, secret)).toBe('none');
    expect(await pair.b.problems()).toEqual({});
  });

  it('its grant wraps no key of ours: it names the key of the devices, and nothing else is sealed under it', async () => {
    await using pair = await Pair.open(agreement, { device: await TestDevice.ready() }, {});
    await pair.write();
    await pair.a.settle();
    const records = await recordsOf(pair.a);
    const grants = records.flatMap((r) => (r.type === 'grant' ? [r] : []));
    const classes = records.map(({ type, labelClass }) => `${type} ${labelClass}`);
    expect(classes.sort()).toEqual([
      'grant INTERNAL',
      'grant INTERNAL+MAT',
      'item INTERNAL',
      'item INTERNAL+MAT',
      'item INTERNAL+MAT',
    ]);
    const own = grants.find(({ labelClass }) => labelClass === 'INTERNAL+MAT') ?? expect.fail();
    expect(own.suite).toBe('state-cipher');
    expect(own.grants.map(({ enc }) => new TextDecoder().decode(enc))).toEqual(['khoa-mat', 'khoa-mat']);
    expect(new Set(own.grants.map(({ sealed }) => sealed.length))).toEqual(new Set([16]));
  });
});

const day = new Date('2001-01-01T00:00:00Z');
const refusedAtPublisher: [string, Partial<CipherApproval>, Partial<CipherProduct> | undefined][] = [
  ['SECRET_NO_APPROVED_CIPHER', {}, undefined],
  ['SECRET_CIPHER_TOO_LOW', {}, { highest: 'MAT' }],
  ['SECRET_CIPHER_EXPIRED', {}, { validUntil: Date.parse('2026-11-02T00:00:00.000Z') }],
  ['SECRET_CIPHER_EXPIRED', { validUntil: '2026-11-02T03:00:00.000Z' }, {}],
  ['CIPHER_NOT_AS_AGREED', {}, { approval: '02/GCN-BCY' }],
];

describe('a publisher that may not', () => {
  it.each(refusedAtPublisher)(
    '%s: the item is not listed, opened or taken down',
    async (code, approved, has) => {
      const of = await secretAgreement(parties, approved);
      const labels = [...secretRules, { ...secretRules[1], path: '/mat/', secrecy: 'TOI_MAT' } as LabelRule];
      const device = has && (await TestDevice.ready(sampleKey, has));
      await using pair = await Pair.open(of, { device, labels }, {});
      await pair.write();
      for (const path of [secret, 'mat']) await utimes(pair.a.at(path), day, day);
      await pair.a.settle();
      for (const path of [secret, 'mat']) expect((await stat(pair.a.at(path))).atime).toEqual(day);
      expect(await pair.a.own.state.row(secret)).toBeUndefined();
      expect((await recordsOf(pair.a)).map(({ labelClass }) => labelClass)).toEqual(['INTERNAL', 'INTERNAL']);
      expect(await pair.a.problems()).toMatchObject({ '/secret:TOI_MAT': code });
    },
  );

  it('never carries TUYỆT MẬT, whatever it has', async () => {
    const labels = [...secretRules, { ...secretRules[1], path: '/mat/', secrecy: 'TUYET_MAT' } as LabelRule];
    await using pair = await Pair.open(agreement, { device: await TestDevice.ready(), labels }, {});
    await pair.write();
    await utimes(pair.a.at(secret), day, day);
    await pair.a.settle();
    expect((await stat(pair.a.at(secret))).atime).toEqual(day);
    expect(await pair.a.own.state.row(secret)).toBeUndefined();
  });

  it('gives no item a level of secrecy by itself: without a rule it is not shared', async () => {
    await using pair = await Pair.open(agreement, { device: await TestDevice.ready(), labels: [] }, {});
    await pair.write();
    await pair.a.settle();
    expect(await recordsOf(pair.a)).toEqual([]);
    expect(await pair.a.problems()).toMatchObject({ 'thường.txt': 'LABEL_MISSING' });
  });
});
