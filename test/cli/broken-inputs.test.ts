/**
 * Every broken input names the field, the rule and its R-id, in both languages: each field of a file of terms and of an
 * agreement, wrong in each way that its kind allows, and the keys of the configuration that answer a requirement.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { runProgram } from '#agent/cli/program.ts';
import { requirementOfField } from '#agent/core/agreement-rules.ts';
import type { Language } from '#agent/core/messages/language.ts';
import { sampleMember } from '#test/trust/agreed.ts';
import { draft, makeParty } from '#test/trust/parties.ts';
import { captureIo } from './capture-io.ts';
import { DossierNode, space } from './dossier-node.ts';

let node: DossierNode;

beforeAll(async () => {
  node = await DossierNode.create();
});

afterAll(() => node[Symbol.asyncDispose]());

async function dongbo(lang: Language, ...argv: string[]) {
  const io = captureIo({ lang });
  const code = await runProgram(argv, io);
  return { code, lines: io.errLines };
}

type Path = readonly (string | number)[];
type Json = Record<string, unknown>;

/** Every field, the groups and lists among them. */
function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inner = Object.entries(value).flatMap(([key, one]) =>
    pathsOf(one, [...at, Array.isArray(value) ? Number(key) : key]),
  );
  return at.length === 0 ? inner : [at, ...inner];
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, part) => (inner as Json)[part], value);

/** A copy with the value at `path` exchanged; taken out when `put` is undefined. */
function changed(value: unknown, path: Path, put: unknown): unknown {
  const copy = structuredClone(value) as Json;
  const last = path.at(-1) ?? '';
  const group = valueAt(copy, path.slice(0, -1)) as Json;
  if (put !== undefined) group[last] = put;
  else if (Array.isArray(group)) group.splice(Number(last), 1);
  else delete group[last];
  return copy;
}

const fieldName = (path: Path): string =>
  path.reduce<string>(
    (name, part) => name + (typeof part === 'number' ? `[${part}]` : name ? `.${part}` : part),
    '',
  );

/** What no field of that kind takes. */
function wrongFor(value: unknown): unknown[] {
  if (typeof value === 'string') return [42, null, [], '', 'a\u0000b'];
  if (typeof value === 'number') return ['3', null, -1, 1.5, 1e9];
  if (typeof value === 'boolean') return ['yes', 1, null];
  return Array.isArray(value) ? ['x', null, {}] : ['x', null, []];
}

interface Wrong {
  readonly path: Path;
  readonly put: unknown;
  readonly name: string;
}

function wrongs(sound: unknown, mayBeAbsent: RegExp): Wrong[] {
  return pathsOf(sound).flatMap((path) => {
    const name = fieldName(path);
    const puts = wrongFor(valueAt(sound, path));
    const gone = mayBeAbsent.test(name) || typeof path.at(-1) === 'number' ? [] : [undefined];
    return [...puts, ...gone].map((put) => ({ path, put, name }));
  });
}

/** The words of a rule, with what fills them. */
const ruled: Readonly<Record<Language, RegExp>> = {
  en: /" (?:must be|is missing; it must be) \S.{2,} \(R\d\d\)$/,
  vi: /(?:yêu cầu:|phải là) \S.{1,} \(R\d\d\)$/,
};

/** Both languages, of which the English output has each: place, field, rule, R-id, and no hole. */
async function expectNamed(file: string, { path, put, name }: Wrong): Promise<void> {
  const { code, lines } = await dongbo('en', 'agreement', 'validate', file);
  const about = `${name} = ${JSON.stringify(put)}\n${lines.join('\n')}`;
  expect(code, about).toBe(1);
  const at = lines.findIndex((line) => line.includes(`"${name}"`) && /^TERMS_(?:FAULT|MISSING): /.test(line));
  const told = { en: lines[at], vi: lines.slice(at).find((line) => line.startsWith('  vi: ')) };
  for (const lang of ['en', 'vi'] as const) {
    expect(told[lang], about).toMatch(/: .+:\d+:\d+: /);
    expect(told[lang], about).toContain(`"${name}"`);
    expect(told[lang], about).toMatch(ruled[lang]);
    expect(told[lang], about).toContain(`(${requirementOfField(path.join('.'))})`);
    expect(told[lang], about).not.toMatch(/\{\w+\}|undefined/);
  }
  expect(told.vi, about).not.toMatch(/must|digits|lower-case|Invalid/);
}

const labelOf = (secrecy: string) => ({ sensitivity: 'INTERNAL', secrecy, personalData: 'NONE' });

describe('dongbo agreement validate', () => {
  it('names each field of a file of terms that is wrong', { timeout: 120_000 }, async () => {
    const text = await readFile('config/agreement-terms.yaml', 'utf8');
    const terms = parse(text) as Json;
    (terms.members as Json[])[1] = {
      ...(terms.members as Json[])[1],
      stateCipher: { name: 'M', approval: '1/BCY', highest: 'MAT', validUntil: '2027-12-31' },
    };
    const file = node.at('terms.yaml');
    const all = wrongs(terms, /highestLabel$|\.system$|stateCipher$/);
    expect(all.length).toBeGreaterThan(200);
    for (const wrong of all) {
      await writeFile(file, stringify(changed(terms, wrong.path, wrong.put)));
      await expectNamed(file, wrong);
    }
  });

  it('names each field of an agreement that is wrong', { timeout: 120_000 }, async () => {
    const [a, relay] = [await makeParty('H29.1'), await makeParty('H29')];
    const exception = {
      reason: 'Chưa có nền tảng',
      approver: 'UBND tỉnh',
      validUntil: '2999-01-01T00:00:00.000Z',
    };
    const sound = draft(
      [
        [a, 'publish'],
        [relay, 'relay'],
      ],
      {
        route: { kind: 'direct', exception },
        members: [
          {
            ...sampleMember(a.card, ['publish']),
            stateCipher: { name: 'M', approval: '1/BCY', highest: 'MAT', validUntil: exception.validUntil },
          },
          sampleMember(relay.card, ['relay']),
        ],
      },
    );
    const file = node.at('agreement.json');
    const all = wrongs(sound, /\.system$|stateCipher$|^previous$/).filter(({ put }) => !isEmptyList(put));
    expect(all.length).toBeGreaterThan(300);
    for (const wrong of all) {
      await writeFile(file, JSON.stringify(changed(sound, wrong.path, wrong.put), undefined, 1));
      await expectNamed(file, wrong);
    }
  });

  it.each<[string, object, string]>([
    ['label.secrecy', { label: labelOf('TUYET_MAT') }, 'R03'],
    ['members[0].stateCipher', { label: labelOf('MAT') }, 'R01'],
    ['route.kind', { route: { kind: 'internet' } }, 'within-system, shared, direct (R11'],
    ['route.platformName', { route: { kind: 'shared', platform: 'OTHER' } }, 'R11'],
    ['legalBasis[0]', { legalBasis: ['ND-47-2020'] }, 'R12'],
    ['notAfter', { notAfter: '2026-11-01T00:00:00.000Z' }, 'R12'],
    ['previous', { revision: 2 }, 'R12'],
    ['owner', { owner: 'ab'.repeat(32) }, 'R12'],
    ['unknown', { unknown: 1 }, 'R12'],
  ])('names what does not hold across an agreement: %s', async (field, change, requirement) => {
    const a = await makeParty('H29.1');
    const file = node.at('across.json');
    await writeFile(file, JSON.stringify({ ...draft([[a, 'publish']]), ...change }, undefined, 1));
    for (const lang of ['en', 'vi'] as const) {
      const { code, lines } = await dongbo(lang, 'agreement', 'validate', file);
      expect(code).toBe(1);
      expect(lines[0]).toMatch(/^TERMS_\w+: .+across\.json:\d+:\d+: /);
      expect(lines[0]).toContain(`"${field}"`);
      expect(lines[0]).toContain(`${requirement})`);
    }
  });

  it('names the requirement of a card or a signature that does not hold', async () => {
    const a = await makeParty('H29.1');
    const sound = draft([[a, 'publish']]);
    const file = node.at('signed.json');
    const told = async (value: object) => {
      await writeFile(file, JSON.stringify(value));
      return (await dongbo('vi', 'agreement', 'validate', file)).lines[0];
    };
    expect(await told({ ...sound, signature: '00'.repeat(64) })).toMatch(/^AGREEMENT_BAD_SIGNATURE: .*R12/);
    const [member] = sound.members;
    const card = { ...member?.card, name: 'Giả' };
    expect(await told({ ...sound, members: [{ ...member, card }] })).toMatch(/^CARD_BAD_SIGNATURE: .*R07/);
  });
});

const isEmptyList = (put: unknown): boolean => Array.isArray(put) && put.length === 0;

const withSpace = (entry: string) => `spaces:\n  - space: "${space}"\n    folder: /srv/a\n    ${entry}\n`;

describe.each(['explain', 'dossier'])('dongbo %s', (command) => {
  const argv = (file: string) =>
    command === 'explain' ? ['explain', 'a', '--config', file] : [command, '--config', file];

  it.each([
    [withSpace('labels: [{ path: a, secrecy: MAT }]'), 'spaces[0].labels[0].decidedBy', 'R05'],
    [
      withSpace('labels: [{ path: a, secrecy: MAT, decidedBy: A }]'),
      'spaces[0].labels[0].decisionRef',
      'R05',
    ],
    [
      withSpace('labels: [{ path: a, secrecy: MAT, decidedBy: " ", decisionRef: 1/A }]'),
      'spaces[0].labels[0].decidedBy',
      'R05',
    ],
    [
      withSpace('labels: [{ path: a, secrecy: MAT, decidedBy: A, decisionRef: 12 }]'),
      'spaces[0].labels[0].decisionRef',
      'R05',
    ],
    [withSpace('labels: [{ path: a, secrecy: SECRET }]'), 'spaces[0].labels[0].secrecy', 'R05'],
    [withSpace('labels: [{ path: a, sensitivity: LOW }]'), 'spaces[0].labels[0].sensitivity', 'R04'],
    [withSpace('labels: [{ path: a }]'), 'spaces[0].labels[0]', 'R04'],
    [withSpace('labels: [{ sensitivity: PUBLIC }]'), 'spaces[0].labels[0].path', 'R04'],
    [withSpace('labels: [{ path: a, level: 3 }]'), 'spaces[0].labels[0].level', 'R04'],
    [withSpace('labels: {}'), 'spaces[0].labels', 'R04'],
    [withSpace('labels: [{ path: a, personalData: SOME }]'), 'spaces[0].labels[0].personalData', 'R26'],
    ['spaces: [{ folder: /srv/a }]', 'spaces[0].space', 'R12'],
    ['spaces: [{ space: x, folder: /srv/a }]', 'spaces[0].space', 'R12'],
    ['audit: { retentionMonths: 11 }', 'audit.retentionMonths', 'R22'],
    ['audit: { enabled: false }', 'audit.enabled', 'R22'],
    ['audit: { maxBytes: 1 }', 'audit.maxBytes', 'R23'],
    ['peers: [{ node: h29, url: "https://a" }]', 'peers[0].node', 'R08'],
    ['peers: [{ node: H29, url: "http://a" }]', 'peers[0].url', 'R17'],
    ['listen: { port: -1 }', 'listen.port', 'R17'],
    ['status: { address: 0.0.0.0 }', 'status.address', 'R34'],
  ])('%j: names %s and %s', async (text, field, requirement) => {
    const file = node.at('broken.yaml');
    await writeFile(file, text);
    for (const lang of ['en', 'vi'] as const) {
      const { code, lines } = await dongbo(lang, ...argv(file));
      expect(code).toBe(1);
      const own = lines.find((line) => line.startsWith('CONFIG_') && line.includes(`"${field}"`));
      expect(own).toMatch(/^CONFIG_\w+: .+broken\.yaml:\d+:\d+: /);
      expect(own).toMatch(new RegExp(` \\(${requirement}\\)$`));
      expect(own).not.toMatch(/\{\w+\}/);
    }
  });

  it('has no R-id for a key that answers none, and no hole', async () => {
    await writeFile(node.at('broken.yaml'), 'role: hub');
    const { lines } = await dongbo('en', ...argv(node.at('broken.yaml')));
    expect(lines[0]).toMatch(/"role" must be one of: agent, relay$/);
  });

  it.each([
    ['"freshnessHours": 24', '"freshnessHours": 0', /^AGREEMENT_MALFORMED: .*freshnessHours.*\(R13\)$/],
    ['"level": 3', '"level": 9', /^AGREEMENT_MALFORMED: .*members\.0\.system\.level.*\(R09\)$/],
    ['"platform": "LGSP"', '"platform": "X"', /^AGREEMENT_MALFORMED: .*route\.platform.*NDOP.*\(R11\)$/],
    ['"accepted": "', '"accepted": "x', /^AGREEMENT_MALFORMED: .*acceptance\.accepted.*\(R12\)$/],
    ['"revision": 1', '"revision": 1, "extra": 1', /^AGREEMENT_MALFORMED: .*extra.*\(R12\)$/],
    ['{', '', /^AGREEMENT_DAMAGED: .*\(R12\)$/],
  ])('names what is wrong in an accepted agreement: %j for %j', async (from, to, expected) => {
    await using ill = await DossierNode.create();
    const file = ill.at(`state/agreements/${space}.json`);
    const text = await readFile(file, 'utf8');
    expect(text).toContain(from);
    await writeFile(file, text.replace(from, to));
    for (const lang of ['en', 'vi'] as const) {
      const { code, lines } = await dongbo(lang, ...argv(ill.configFile));
      expect(code).toBe(1);
      expect(lines.find((line) => line.startsWith('AGREEMENT_'))).toMatch(expected);
    }
  });

  it('names a missing agreement, and keys that are not there', async () => {
    await using ill = await DossierNode.create();
    await mkdir(ill.at('empty'));
    const text = await readFile(ill.configFile, 'utf8');
    await writeFile(ill.at('other.yaml'), text.replace(space, space.replace('0', 'f')));
    expect((await dongbo('vi', ...argv(ill.at('other.yaml')))).lines.join('\n')).toMatch(
      /AGREEMENT_ABSENT: .*R12/,
    );
    await writeFile(ill.at('other.yaml'), `${text}\nkeys: ${ill.at('empty')}`);
    expect((await dongbo('vi', ...argv(ill.at('other.yaml')))).lines[0]).toMatch(
      /^(?:IDENTITY_MISSING|FILE_UNREADABLE): /,
    );
  });
});
