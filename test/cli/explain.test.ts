/** `dongbo explain`: the whole chain, from the rule to each member. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runProgram } from '#agent/cli/program.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import { createIdentity } from '#agent/seal/identity.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { draft, makeParty } from '#test/trust/parties.ts';
import { captureIo } from './capture-io.ts';

const io = { random: systemRandom, clock: systemClock };
const levels = ['RESTRICTED', 'RESTRICTED', 'INTERNAL', 'RESTRICTED'];

/** H29.13 is cleared for RESTRICTED, H29.14 for INTERNAL, and the approval of H29.15's system is over. */
async function explained(...argv: readonly string[]) {
  await using dir = await temporaryDir();
  const at = (name: string) => join(dir.path, name);
  await mkdir(at('state/keys'), { recursive: true });
  await mkdir(at('folder'));
  const me = await createIdentity(at('state/keys'), { agency: 'H29.12', name: 'Sở A' }, io);
  const others = [await makeParty('H29.13'), await makeParty('H29.14'), await makeParty('H29.15')];
  const members = [[me, 'publish'], ...others.map((one) => [one, 'subscribe'] as const)] as const;
  const plain = draft(members, {
    label: { sensitivity: 'RESTRICTED', secrecy: 'NONE', personalData: 'NONE' },
    notBefore: '2026-01-01T00:00:00.000Z',
    notAfter: '2999-01-01T00:00:00.000Z',
  });
  const cleared = plain.members.map((m, i) => ({ ...m, highestLabel: levels[i] ?? '' }));
  const [last] = cleared.slice(-1);
  if (!last?.system) throw new Error('no system');
  const over = { ...last, system: { ...last.system, validUntil: '2026-01-02T00:00:00.000Z' } };
  const agreement = await signAgreement({ ...plain, members: [...cleared.slice(0, -1), over] }, me);
  const book = await AgreementBook.open(at('state/agreements'), me, systemClock);
  await book.accept(agreement);
  const lines = [
    `state: ${at('state')}`,
    'listen: { port: 1 }',
    'spaces:',
    `  - space: ${agreement.space}`,
    `    folder: ${at('folder')}`,
    '    labels:',
    '      - { path: "/chung/", sensitivity: INTERNAL }',
    '      - { path: "*.xlsx", sensitivity: RESTRICTED }',
    '      - { path: "/mật/", secrecy: MAT, decidedBy: Ông A, decisionRef: 12/QĐ }',
  ];
  await writeFile(at('agent.yaml'), lines.join('\n'));
  const shown = captureIo();
  const code = await runProgram(['explain', ...argv, '--config', at('agent.yaml')], shown);
  return { code, out: shown.outLines.join('\n'), err: shown.errLines.join('\n') };
}

it('names the rules that gave the label, who gets the item and who does not, with the reason and its R-id', async () => {
  const { code, out } = await explained('chung/bảng.xlsx');
  expect(code).toBe(0);
  expect(out).toContain('Label: RESTRICTED\n');
  expect(out).toContain('rule "/chung/": sensitivity INTERNAL');
  expect(out).toContain('rule "*.xlsx": sensitivity RESTRICTED');
  expect(out).toMatch(/^H29\.13 .*: gets it, under the key of the epoch$/m);
  expect(out).toMatch(/^H29\.14 .*: withheld \(READER_NOT_CLEARED, R12\)$/m);
  expect(out).toMatch(/^H29\.15 .*: withheld \(READER_SYSTEM_EXPIRED, R09\)$/m);
  expect(out).not.toContain('H29.12');
});

it('tells a state secret, and the person and the decision that made it one', async () => {
  const { out } = await explained('mật/kế hoạch.txt', '--member', 'H29.13');
  expect(out).toContain('Label: PUBLIC+MAT\n');
  expect(out).toContain('decidedBy Ông A, decisionRef 12/QĐ');
  expect(out).toContain('withheld (SECRET_NO_APPROVED_CIPHER, R01)');
  expect(out).not.toContain('H29.14');
});

it('tells what no rule names', async () => {
  const { out } = await explained('vô danh.txt');
  expect(out).toContain('Label: none');
  expect(out.match(/withheld \(LABEL_MISSING, R12\)/g)).toHaveLength(3);
});

it.each([
  ['EXPLAIN_NO_SPACE', ['/etc/passwd']],
  ['EXPLAIN_NO_MEMBER', ['chung/a', '--member', 'H29.99']],
])('refuses with %s', async (code, argv) => {
  const ended = await explained(...argv);
  expect(ended.code).toBe(1);
  expect(ended.err).toContain(code);
});
