/** Whatever makes a state secret of an item, the same gate stands before it; and what the keys of a device share with others. */
import { mkdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Agreement } from '#agent/core/agreement.ts';
import { cellBytes } from '#agent/core/cells.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { epochLines } from '#agent/cycle/keys-list.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Pair, recordsOf, secret, textAt, twoParties } from './secret-pair.ts';
import { decided, secretAgreement, TestDevice } from './secret-space.ts';
import type { SpaceNode } from './space-node.ts';

let parties: readonly [Identity, Identity];
let agreement: Agreement;
beforeAll(async () => {
  parties = await twoParties();
  agreement = await secretAgreement(parties);
});

const everything: LabelRule[] = [{ path: '**', sensitivity: 'INTERNAL' }];
const day = new Date('2001-01-01T00:00:00Z');

async function put(node: SpaceNode, path: string, text: string): Promise<void> {
  await mkdir(dirname(node.at(path)), { recursive: true });
  await writeFile(node.at(path), text);
}

const labelFile = '.dongbo-labels.yaml';
const words = `decidedBy: "Giám đốc Sở", decisionRef: "12/QĐ-SNV"`;
const decide = async (node: SpaceNode, secrecy: 'MAT' | 'TUYET_MAT') => {
  await node.desk.decide({ path: 'mat', secrecy, ...decided }, 'dir', 'an.nv');
};

type Level = 'MAT' | 'TUYET_MAT';
/** Each makes a secret of `mat/kế hoạch.txt`. */
const sources: [string, (node: SpaceNode, level: Level) => Promise<void>, LabelRule[]?][] = [
  [
    'a label file',
    (node, level) => put(node, `mat/${labelFile}`, `- { path: "*", secrecy: ${level}, ${words} }`),
  ],
  ['a decision', decide],
  [
    'a package with such a part',
    (node, level) =>
      put(
        node,
        `mat/${labelFile}`,
        `- { path: ".", package: true }\n- { path: "phần", secrecy: ${level}, ${words} }`,
      ),
  ],
];

describe.each(sources)('a secret by %s', (_, make) => {
  const open = async (device: TestDevice | undefined, level: Level): Promise<Pair> => {
    const side = { labels: everything };
    const pair = await Pair.open(
      agreement,
      { ...side, ...(device ? { device } : {}) },
      {
        ...side,
        device: await TestDevice.ready(),
      },
    );
    for (const node of [pair.a, pair.b]) {
      await mkdir(node.at('mat'));
      await make(node, level);
    }
    await put(pair.a, 'mat/phần', 'phần');
    await pair.write();
    return pair;
  };

  it('goes under the device, from rules of its own at each end', async () => {
    await using pair = await open(await TestDevice.ready(), 'MAT');
    // The reader has to know its label file before it takes anything in.
    await pair.b.settle();
    await pair.carry();
    await pair.b.settle();
    expect(await textAt(pair.b, secret)).toBe('kế hoạch');
    const classes = new Set((await recordsOf(pair.a)).map(({ type, labelClass }) => `${type} ${labelClass}`));
    expect(classes).toContain('item INTERNAL+MAT');
  });

  it.each<[string, boolean, Level]>([
    ['without a device', false, 'MAT'],
    ['when it is TUYỆT MẬT, with any device', true, 'TUYET_MAT'],
  ])('is not opened or taken down %s', async (__, has, level) => {
    await using pair = await open(has ? await TestDevice.ready() : undefined, level);
    await utimes(pair.a.at(secret), day, day);
    await pair.a.settle();
    expect((await stat(pair.a.at(secret))).atime).toEqual(day);
    expect(await pair.a.own.state.row(secret)).toBeUndefined();
    expect((await recordsOf(pair.a)).some(({ labelClass }) => labelClass.includes('MAT'))).toBe(false);
  });
});

describe('under the keys of a device', () => {
  const shared = async () => {
    const device = await TestDevice.ready();
    const pair = await Pair.open(agreement, { device }, { device: await TestDevice.ready() });
    await pair.write();
    await pair.carry();
    return { pair, device };
  };
  const secretEpochs = async ({ own, keyring }: SpaceNode) => {
    const party = (node: string) => ({ node, agency: '', name: '' });
    const lines = await Array.fromAsync(epochLines({ own, keyring, party }));
    return lines
      .filter(({ labelClass }) => labelClass.endsWith('MAT'))
      .map(({ secret: has, current }) => [has, current]);
  };
  const rotate = async (node: SpaceNode) => {
    let done: unknown;
    const cause = { why: 'by-hand', by: 'Ông A' } as const;
    void node.space.epochs.rotate({ cause }).then((rotated) => (done = rotated.map((r) => r.labelClass)));
    await node.until(() => done !== undefined);
    return done;
  };

  it('content is in cells of one size, named by path and offset, and the grant says so', async () => {
    const { pair } = await shared();
    await using _ = pair;
    await put(pair.a, 'mat/khác.txt', 'kế hoạch');
    await pair.carry();
    expect(await textAt(pair.b, 'mat/khác.txt')).toBe('kế hoạch');
    const ids = await Promise.all(
      [secret, 'mat/khác.txt'].map(
        async (path) => (await pair.a.own.state.row(path))?.local?.content?.refs[0]?.id ?? expect.fail(),
      ),
    );
    expect(ids[0]).not.toBe(ids[1]);
    for (const id of ids)
      expect((await pair.a.own.local?.sealedById(pair.a.own.origin.node, id))?.sealed.length).toBe(cellBytes);
    const grants = (await recordsOf(pair.a)).flatMap((r) => (r.type === 'grant' ? [r] : []));
    expect(grants.find(({ suite }) => suite === 'state-cipher')?.form).toBe('cells');
  });

  it('an item that is renamed out of its folder keeps its class, with the device and without', async () => {
    const { pair, device } = await shared();
    await using _ = pair;
    await rename(pair.a.at(secret), pair.a.at('ra ngoài.txt'));
    device.pullOut();
    await device.tick();
    await pair.a.settle();
    const outside = async () =>
      (await recordsOf(pair.a)).filter(({ type }) => type === 'item').map(({ labelClass }) => labelClass);
    expect((await outside()).filter((one) => one === 'INTERNAL').length).toBe(1);
    await device.putBack();
    await pair.a.settle();
    expect((await outside()).filter((one) => one === 'INTERNAL').length).toBe(1);
    expect((await pair.a.own.state.row('ra ngoài.txt'))?.remote).toBeDefined();
  });

  it('an epoch is listed as one of the device, rotated, and over when nothing is left under it', async () => {
    const { pair } = await shared();
    await using _ = pair;
    expect(await secretEpochs(pair.a)).toEqual([['device', true]]);
    expect(await rotate(pair.a)).toEqual(expect.arrayContaining(['INTERNAL', 'INTERNAL+MAT']));
    await writeFile(pair.a.at(secret), 'kế hoạch mới');
    await utimes(pair.a.at('mat'), day, day);
    await pair.carry();
    expect(await textAt(pair.b, secret)).toBe('kế hoạch mới');
    expect(await secretEpochs(pair.a)).toEqual([
      ['device', false],
      ['device', true],
    ]);
  });

  it('a rotation while the device is away is made up for when it is back', async () => {
    const { pair, device } = await shared();
    await using _ = pair;
    device.pullOut();
    await device.tick();
    expect(await rotate(pair.a)).toEqual(['INTERNAL']);
    await device.putBack();
    await pair.a.settle();
    expect(await secretEpochs(pair.a)).toEqual([
      ['device', false],
      ['device', true],
    ]);
  });
});

it('the label of a space gives no item a level of secrecy, where only a label file has rules', async () => {
  await using pair = await Pair.open(agreement, { device: await TestDevice.ready(), labels: [] }, {});
  await pair.write();
  await put(pair.a, labelFile, '- { path: "/thường.txt", sensitivity: INTERNAL }');
  await pair.a.settle();
  expect((await recordsOf(pair.a)).map(({ labelClass }) => labelClass)).toEqual(['INTERNAL', 'INTERNAL']);
  expect(await pair.a.problems()).toMatchObject({ mat: 'LABEL_MISSING' });
});
