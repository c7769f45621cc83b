/** Cards and agreements that must not be believed, at the desk and in a running agent. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '#agent/cli/program.ts';
import { type Agreement, agreementSigned, parseAgreement } from '#agent/core/agreement.ts';
import { cardFingerprint, parseCard } from '#agent/core/card.ts';
import { hexText } from '#agent/core/ids.ts';
import { acceptedText } from '#agent/seal/acceptance.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { captureIo } from '#test/cli/capture-io.ts';
import { dongbo } from './dongbo.ts';
import { Pair } from './pair.ts';

let pair: Pair;
let own: Identity;
const days = 86_400_000;
const at = (ms: number) => new Date(Date.now() + ms).toISOString();

beforeAll(async () => {
  pair = await Pair.create('agent');
  own = await pair.identity();
});
afterAll(() => pair?.[Symbol.asyncDispose]());

const unsigned = (space: number, changes: object = {}): Agreement => {
  const { signature: _, ...terms } = pair.agreement;
  return parseAgreement({ ...terms, space: `${space}`.repeat(32), ...changes });
};
const over = { notBefore: at(-30 * days), notAfter: at(-days) };
const toCome = { notBefore: at(days), notAfter: at(30 * days) };
const forged = async (space: number) => ({
  ...(await signAgreement(unsigned(space), pair.other)),
  name: 'Khác',
});
const foreign = async (space: number) => {
  const members = pair.agreement.members.filter(({ card }) => card.node === pair.other.node);
  return signAgreement(unsigned(space, { members }), pair.other);
};

const another = (): Promise<Agreement> => {
  const { signature: _, ...terms } = pair.agreement;
  return signAgreement(parseAgreement({ ...terms, name: 'Tên khác' }), pair.other);
};
/** Its owner signed it with a card that the card's node never signed. */
const withFalseCard = (): Agreement => {
  const members = pair.agreement.members.map((m) => ({ ...m, card: { ...m.card, name: 'Giả mạo' } }));
  const agreement = unsigned(1, { members });
  const signature = hexText(pair.other.signSlowly('agreement', agreementSigned(agreement)));
  return parseAgreement({ ...agreement, signature });
};

async function file(name: string, content: unknown): Promise<string> {
  const path = join(pair.dir, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const accept = (path: string) => dongbo('agreement', 'accept', '--state', pair.daemon.state, path);

describe('dongbo agreement accept', () => {
  test.each<[string, string, () => unknown]>([
    ['unsigned', 'AGREEMENT_UNSIGNED', () => unsigned(1)],
    ['changed after it was signed', 'AGREEMENT_BAD_SIGNATURE', () => forged(1)],
    ['of others', 'AGREEMENT_FOREIGN', () => foreign(1)],
    ['over', 'AGREEMENT_EXPIRED', () => signAgreement(unsigned(1, over), pair.other)],
    ['another document for a space that has one', 'AGREEMENT_CHANGED', () => another()],
    ['with a card that its node did not sign', 'CARD_BAD_SIGNATURE', () => withFalseCard()],
    ['no agreement', 'AGREEMENT_MALFORMED', () => ({ version: 1 })],
    ['no JSON', 'FILE_NOT_JSON', () => 'xin chào'],
  ])('%s', async (_what, code, make) => {
    const ended = await accept(await file(`${code}.json`, await make()));
    expect(ended).toMatchObject({ code: 1, codes: [code] });
  });
});

describe('dongbo card show', () => {
  const cardFile = () => join(pair.dir, 'other/H29.12.card.json');

  test('a card that does not match the fingerprint that was read out', async () => {
    const wrong = cardFingerprint(own.card);
    const ended = await dongbo('card', 'show', cardFile(), '--expect', wrong);
    expect(ended).toMatchObject({ code: 1, codes: ['CARD_FINGERPRINT_MISMATCH'] });
    const right = cardFingerprint(pair.other.card);
    expect(await dongbo('card', 'show', cardFile(), '--expect', right)).toMatchObject({ code: 0 });
  });

  test('a card that was changed', async () => {
    const card = parseCard(JSON.parse(await readFile(cardFile(), 'utf8')));
    const ended = await dongbo('card', 'show', await file('changed.json', { ...card, name: 'Giả' }));
    expect(ended).toMatchObject({ code: 1, codes: ['CARD_BAD_SIGNATURE'] });
  });
});

/** Each space has an agreement of its own that is not in force; whatever put the file there. */
test('a running agent lets nothing flow without an agreement in force, and says why', async () => {
  const { daemon } = pair;
  const dir = join(daemon.state, 'agreements');
  const keep = async (agreement: Agreement, text = acceptedText(agreement, own, Date.now())) =>
    writeFile(join(dir, `${agreement.space}.json`), text);
  await keep(await signAgreement(unsigned(2, over), pair.other));
  await keep(await signAgreement(unsigned(3, toCome), pair.other));
  await keep(unsigned(4));
  await keep(await forged(5));
  await keep(await foreign(6));
  const strange = await signAgreement(unsigned(7), pair.other);
  await keep(strange, acceptedText(strange, pair.other, Date.now()));
  await keep(unsigned(8), '{"agreement":');
  await cp(join(dir, `${pair.agreement.space}.json`), join(dir, `${'9'.repeat(32)}.json`));
  const expected = {
    1: 'AGREEMENT_ABSENT',
    2: 'AGREEMENT_EXPIRED',
    3: 'AGREEMENT_NOT_YET',
    4: 'AGREEMENT_UNSIGNED',
    5: 'AGREEMENT_BAD_SIGNATURE',
    6: 'AGREEMENT_FOREIGN',
    7: 'AGREEMENT_NOT_ACCEPTED',
    8: 'AGREEMENT_DAMAGED',
    9: 'AGREEMENT_DAMAGED',
  };
  const lines = [`state: ${daemon.state}`, 'status: { port: 0 }', 'spaces:'];
  for (const space of Object.keys(expected)) {
    await mkdir(join(pair.dir, `folder-${space}`));
    await writeFile(join(pair.dir, `folder-${space}`, 'mật.txt'), 'x');
    lines.push(`  - { space: "${space.repeat(32)}", folder: ${join(pair.dir, `folder-${space}`)} }`);
  }
  await writeFile(daemon.configFile, lines.join('\n'));
  const checked = await dongbo('check', '--config', daemon.configFile);
  expect(checked.codes.filter((code) => code.startsWith('AGREEMENT_'))).toEqual(Object.values(expected));
  daemon.start();
  await daemon.ready();
  const status = await daemon.status();
  expect(status?.ready).toBe(false);
  expect(status?.spaces.map(({ space, state, reason, items }) => [space[0], state, reason, items])).toEqual(
    Object.entries(expected).map(([space, reason]) => [space, 'no-agreement', reason, 0]),
  );
  const io = captureIo();
  await runProgram(['status', '--config', daemon.configFile], io);
  expect(io.outLines.join('\n')).not.toMatch(/\{\w+\}/);
  expect(await daemon.stop()).toBe(0);
});
