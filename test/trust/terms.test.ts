/** Drafting with a file of terms, amending, suspending: the commands as an officer runs them. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '#agent/cli/program.ts';
import { agreementDigest, parseAgreement } from '#agent/core/agreement.ts';
import { captureIo } from '#test/cli/capture-io.ts';
import { tempDir } from './parties.ts';

const example = new URL('../../config/agreement-terms.yaml', import.meta.url);

async function dongbo(...argv: string[]) {
  const io = captureIo();
  const code = await runProgram(argv, io);
  const err = io.errLines.join('\n');
  const codes = io.errLines.flatMap((line) => /^([A-Z_]+):/.exec(line)?.[1] ?? []);
  return { code, codes, err, out: io.outLines.join('\n') };
}

async function fine(...argv: string[]): Promise<string> {
  const { code, err, out } = await dongbo(...argv);
  expect(code, err).toBe(0);
  return out;
}

/** Three nodes with the agencies of the example, and their files. */
async function desk(dir: string) {
  const at = (name: string) => join(dir, name);
  for (const agency of ['H29.12', 'H29.13', 'H29']) {
    await fine('init', '--state', at(agency), '--agency', agency, '--name', `Cơ quan ${agency}`);
    await fine('card', '--state', at(agency), '--out', at(`${agency}.card.json`));
  }
  const terms = await readFile(example, 'utf8');
  const parties = ['--member', at('H29.13.card.json'), '--relay', at('H29.card.json')];
  const place = ['--state', at('H29.12'), '--name', 'Hồ sơ', ...parties];
  const read = async (name: string) => parseAgreement(JSON.parse(await readFile(at(name), 'utf8')));
  const draft = async (text: string) => {
    await writeFile(at('terms.yaml'), text);
    return dongbo('agreement', 'new', ...place, '--terms', at('terms.yaml'), '--out', at('a.json'));
  };
  return { at, terms, draft, read };
}

const notice = (kind: string, state: string, space: string, out: string) =>
  dongbo('agreement', kind, '--state', state, '--space', space, '--reason', 'Bảo trì', '--out', out);

describe('a file of terms', () => {
  it('makes an agreement with its texts, approvals and road, and shows them', async () => {
    await using dir = await tempDir();
    const { at, terms, draft, read } = await desk(dir.path);
    expect((await dongbo('agreement', 'validate', example.pathname)).code).toBe(0);
    const drafted = await draft(terms);
    expect(drafted.code, drafted.err).toBe(0);
    for (const text of ['12/QĐ-SNV', 'Trần Thị Bình', 'LGSP', 'trung tâm dữ liệu', 'ND-278-2025'])
      expect(drafted.out).toContain(text);
    expect(drafted.out).not.toContain('TRIAL');
    const agreement = await read('a.json');
    expect(agreement.members.map(({ system }) => system?.level)).toEqual([3, 2, undefined]);
    // The last day counts in full, in Vietnam.
    expect(agreement.members[0]?.system?.validUntil).toBe('2028-07-14T17:00:00.000Z');
    expect(await fine('agreement', 'validate', at('a.json'))).toContain(at('a.json'));
  }, 30_000);

  it('has every fault named with file, line, field, rule and requirement', async () => {
    await using dir = await tempDir();
    const { at, terms, draft } = await desk(dir.path);
    const broken: [string, string, string][] = [
      ['  deletion: Bên nhận', '  erase: Bên nhận', 'terms.deletion.*R12'],
      ['  deletion: Bên nhận', '  erase: Bên nhận', '"terms.erase".*R12'],
      ['level: 3', 'level: 7', 'members\\[0\\].system.level" must be at most 5.*R09'],
      ['date: "2026-07-20"', 'date: "20/7/2026"', 'members\\[1\\].system.date" must be a day.*R09'],
      [
        'route: { kind: shared, platform: LGSP',
        'route: { kind: shared, platform: Internet',
        'route.platform" must be one of: NDOP.*R11',
      ],
      ['ND-278-2025]', 'ND-9-1999]', 'legalBasis\\[1\\]" must be an act.*R12'],
      ['freshnessHours: 24', 'freshnessHours: 0', 'freshnessHours" must be at least 1.*R13'],
      ['# masterOwner: H29.12', 'masterOwner: H29', 'masterOwner" must be a member with.*R36'],
      ['    contact: Nguyễn', '    phone: Nguyễn', 'members\\[0\\].contact" is missing.*R12'],
      ['member: H29.13', 'member: H29.99', 'members" must be given for each member.*R09'],
    ];
    for (const [from, to, fault] of broken) {
      expect(terms).toContain(from);
      const text = terms.replace(from, to);
      const { code, err } = await draft(text);
      expect(code, fault).toBe(1);
      expect(err).toMatch(new RegExp(`${at('terms.yaml')}:\\d+:\\d+: .*${fault}`));
      expect(err).not.toMatch(/\{\w+\}/);
      // Who the members are, the command says.
      if (['member: H29.13', '# masterOwner: H29.12'].includes(from)) continue;
      const validated = await dongbo('agreement', 'validate', at('terms.yaml'));
      expect(validated.err).toMatch(new RegExp(`:\\d+:\\d+: .*${fault}`));
    }
    const line = terms.split('\n').findIndex((text) => text.includes('level: 3')) + 1;
    expect((await draft(terms.replace('level: 3', 'level: 7'))).err).toContain(`terms.yaml:${line}:`);
    expect((await draft(`${terms}\n: [`)).codes).toContain('CONFIG_SYNTAX');
  }, 30_000);

  it('may name the one owner of the records, and shows it', async () => {
    await using dir = await tempDir();
    const { terms, draft, read } = await desk(dir.path);
    const drafted = await draft(terms.replace('# masterOwner: H29.12', 'masterOwner: H29.12'));
    expect(drafted.code, drafted.err).toBe(0);
    const agreement = await read('a.json');
    expect(agreement.masterOwner).toBe(agreement.owner);
    expect(drafted.out).toContain(
      `Master owner: what others change is proposed to it: H29.12 ${agreement.owner}`,
    );
  }, 30_000);

  it('must know every member, and nobody else', async () => {
    await using dir = await tempDir();
    const { terms, draft } = await desk(dir.path);
    const relay = terms.lastIndexOf('  - member: H29');
    const extra = `${terms.trimEnd()}\n  - member: H30\n    contact: Ai đó\n`;
    expect((await draft(extra)).err).toMatch(/members\[3\].member" must be the e-ID of a member/);
    expect((await draft(terms.slice(0, relay))).err).toMatch(/members".*R09/);
    const unapproved = terms.replace(/ {4}system: \{ level: 2.*\n/, '');
    expect((await draft(unapproved)).err).toMatch(/members\[1\].system" is missing.*R09/);
  }, 30_000);
});

describe('dongbo agreement validate', () => {
  it('names field, place, rule and requirement of a broken agreement', async () => {
    await using dir = await tempDir();
    const { at, terms, draft } = await desk(dir.path);
    await draft(terms);
    const good = await readFile(at('a.json'), 'utf8');
    const faults: [string, string, RegExp][] = [
      ['"level": 3', '"level": 9', /members\[0\].system.level" must be at most 5 \(R09\)/],
      ['"ND-278-2025"', '"ND-47-2020"', /legalBasis\[1\]".*ND-278-2025.*\(R12\)/],
      ['"revision": 1', '"revision": 2', /previous".*\(R12\)/],
      ['"platform": "LGSP"', '"platform": "OTHER"', /route.platformName".*\(R11\)/],
    ];
    for (const [from, to, fault] of faults) {
      expect(good).toContain(from);
      await writeFile(at('bad.json'), good.replace(from, to));
      const { code, err } = await dongbo('agreement', 'validate', at('bad.json'));
      expect(code).toBe(1);
      expect(err).toMatch(fault);
      expect(err).toMatch(/bad\.json:\d+:\d+: /);
    }
    await fine('agreement', 'sign', '--state', at('H29.12'), at('a.json'));
    const signed = await readFile(at('a.json'), 'utf8');
    await writeFile(at('bad.json'), signed.replace('"level": 3', '"level": 4'));
    expect((await dongbo('agreement', 'validate', at('bad.json'))).codes).toEqual([
      'AGREEMENT_BAD_SIGNATURE',
    ]);
  }, 30_000);
});

describe('a trial', () => {
  it('says that it is one, wherever it is read', async () => {
    await using dir = await tempDir();
    const { at, read } = await desk(dir.path);
    const file = at('trial.json');
    const made = await fine('agreement', 'new', '--state', at('H29.12'), '--name', 'Thử', '--out', file);
    expect(made).toContain('TRIAL');
    expect(await fine('--lang', 'vi', 'agreement', 'show', file)).toContain('CHẠY THỬ');
    await fine('agreement', 'sign', '--state', at('H29.12'), file);
    await fine('agreement', 'accept', '--state', at('H29.12'), file);
    const { space } = await read('trial.json');
    const longer = ['--space', space, '--term-days', '700', '--out', at('longer.json')];
    await fine('agreement', 'amend', '--state', at('H29.12'), ...longer);
    const { notAfter, members } = await read('longer.json');
    expect(members[0]?.system?.validUntil).toBe(notAfter);
  }, 30_000);
});

describe('amend, suspend, resume, end', () => {
  it('go from the owner to every member', async () => {
    await using dir = await tempDir();
    const { at, terms, draft, read } = await desk(dir.path);
    const [a, b, relay] = [at('H29.12'), at('H29.13'), at('H29')];
    await draft(terms);
    await fine('agreement', 'sign', '--state', a, at('a.json'));
    for (const state of [a, b, relay]) await fine('agreement', 'accept', '--state', state, at('a.json'));
    const before = await read('a.json');
    const { space } = before;
    const amend = (state: string, ...more: string[]) =>
      dongbo('agreement', 'amend', '--state', state, '--space', space, ...more);
    expect((await amend(b, '--out', at('b.json'))).codes).toEqual(['AGREEMENT_NOT_OWNER']);
    expect((await amend(a, '--remove', 'H30', '--out', at('b.json'))).codes).toEqual(['MEMBER_UNKNOWN']);
    expect((await amend(a, '--remove', 'H29', '--term-days', '700', '--out', at('b.json'))).code).toBe(0);
    await fine('agreement', 'sign', '--state', a, at('b.json'));
    const next = await read('b.json');
    expect(next).toMatchObject({ revision: 2, previous: [agreementDigest(before)], space });
    expect(next.members.map(({ card }) => card.agency)).toEqual(['H29.12', 'H29.13']);
    expect(next.notAfter > before.notAfter).toBe(true);
    for (const state of [a, b]) await fine('agreement', 'accept', '--state', state, at('b.json'));
    expect((await dongbo('agreement', 'accept', '--state', b, at('a.json'))).codes).toEqual([
      'AGREEMENT_OLDER',
    ]);

    expect((await notice('suspend', b, space, at('n.json'))).codes).toEqual(['AGREEMENT_NOT_OWNER']);
    expect((await notice('resume', a, space, at('n.json'))).codes).toEqual(['NOTICE_OUT_OF_TURN']);
    expect((await notice('suspend', a, space, at('n1.json'))).code).toBe(0);
    expect((await notice('suspend', a, space, at('n.json'))).codes).toEqual(['NOTICE_OUT_OF_TURN']);
    expect(await fine('agreement', 'accept', '--state', b, at('n1.json'))).toContain('Bảo trì');
    expect((await notice('resume', a, space, at('n2.json'))).code).toBe(0);
    expect((await notice('end', a, space, at('n3.json'))).code).toBe(0);
    expect((await notice('resume', a, space, at('n.json'))).codes).toEqual(['NOTICE_OUT_OF_TURN']);
    await fine('agreement', 'accept', '--state', b, at('n3.json'));
    expect((await dongbo('agreement', 'accept', '--state', b, at('n2.json'))).codes).toEqual([
      'NOTICE_OLDER',
    ]);
  }, 60_000);
});
