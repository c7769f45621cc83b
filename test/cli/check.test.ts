/** `dongbo check`: folders, keys, agreements and peers of a real node. */
import { chmod, mkdir, mkdtemp, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCheck } from '#agent/cli/check.ts';
import { checkFolders } from '#agent/cli/check-folders.ts';
import { ConfigError, parseConfig } from '#agent/cli/config.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import { createIdentity } from '#agent/seal/identity.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { sampleMember } from '#test/trust/agreed.ts';
import { draft, makeParty, seededRandom } from '#test/trust/parties.ts';
import { captureIo } from './capture-io.ts';

const io = { random: systemRandom, clock: systemClock };

/** A node with an agreement in force between it and H29.13, and its folder. */
async function node() {
  const dir = await mkdtemp(join(tmpdir(), 'dongbo-check-'));
  const [state, folder, file] = [join(dir, 'state'), join(dir, 'folder'), join(dir, 'agent.yaml')];
  await mkdir(join(state, 'keys'), { recursive: true });
  await mkdir(folder);
  const me = await createIdentity(join(state, 'keys'), { agency: 'H29.12', name: 'Sở A' }, io);
  const them = await makeParty('H29.13');
  const terms = { notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2999-01-01T00:00:00.000Z' };
  const accept = async (changes: object = {}) => {
    const book = await AgreementBook.open(join(state, 'agreements'), me, systemClock);
    const members = [
      [me, 'publish', 'subscribe'],
      [them, 'subscribe'],
    ] as const;
    const agreement = await signAgreement(draft(members, { ...terms, ...changes }), me);
    await book.accept(agreement);
    return agreement.space;
  };
  const space = await accept();
  const check = async (changes: { folder?: string; peer?: string; more?: string; space?: string } = {}) => {
    const lines = [
      `state: ${state}`,
      `peers: [{ node: ${changes.peer ?? 'H29.13'}, url: https://127.0.0.1:1 }]`,
      'spaces:',
      `  - space: ${changes.space ?? space}`,
      `    folder: ${changes.folder ?? folder}`,
      changes.more ?? '',
    ];
    await writeFile(file, lines.join('\n'));
    const shown = captureIo();
    const code = await runCheck({ config: file }, shown);
    const codes = shown.errLines.flatMap((line) => /^([A-Z_]+):/.exec(line)?.[1] ?? []);
    return { code, codes, err: shown.errLines.join('\n'), out: shown.outLines.join('\n') };
  };
  const close = () => rm(dir, { recursive: true });
  return { dir, state, folder, file, accept, check, me, them, [Symbol.asyncDispose]: close };
}

it('tells that the device for state secrets does not open, and names its library', async () => {
  await using own = await node();
  const cipher = { module: '/nowhere.so', tokenLabel: 't', keyLabel: 'k', pinFile: '/pin', product: 'M' };
  const more = { ...cipher, approval: 'A', highest: 'MAT', validUntil: '2999-12-31' };
  const { code, codes, err } = await own.check({ more: `stateCipher: ${JSON.stringify(more)}` });
  expect(code).toBe(1);
  expect(codes.join()).toMatch(/^CIPHER_(MODULE_UNUSABLE|BINDING_MISSING)$/);
  expect(err).toContain('/nowhere.so');
});

/** Root may list everything: these tests may run as root. */
async function asNobody<T>(run: () => Promise<T>): Promise<T> {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65_534);
  try {
    return await run();
  } finally {
    if (root) process.seteuid?.(0);
  }
}

describe('dongbo check', () => {
  it('does not list what the configuration or a label file makes a state secret', async () => {
    await using a = await node();
    const long = new Date('2001-01-01T00:00:00Z');
    const dirs = ['mật', 'a/kín'].map((path) => join(a.folder, path));
    for (const dir of dirs) await mkdir(join(dir, 'trong'), { recursive: true });
    const decided = 'secrecy: MAT, decidedBy: Ông A, decisionRef: 12/QĐ';
    await writeFile(join(a.folder, 'a/.dongbo-labels.yaml'), `- { path: kín/, ${decided} }`);
    for (const dir of dirs) await utimes(dir, long, long);
    expect((await a.check({ more: `    labels: [{ path: /mật/, ${decided} }]` })).code).toBe(0);
    for (const dir of dirs) expect((await stat(dir)).atime).toEqual(long);
  });

  it('passes a sound node, and says how its folder will be watched', async () => {
    await using a = await node();
    const { code, err, out } = await a.check();
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('CHECK_WATCH: ');
    expect(out).toContain('"spaces[0].folder": 1 directories will be watched');
    expect(out).toContain('CHECK_PASSED: ');
  });

  it('takes a peer by its node id, and a folder through a link', async () => {
    await using a = await node();
    await symlink(a.folder, join(a.dir, 'link'));
    expect(await a.check({ peer: a.them.node, folder: join(a.dir, 'link') })).toMatchObject({ code: 0 });
  });

  it('names a missing folder with its line', async () => {
    await using a = await node();
    const { code, codes, err } = await a.check({ folder: join(a.dir, 'gone') });
    expect([code, codes]).toEqual([1, ['CONFIG_FOLDER_MISSING']]);
    expect(err).toContain(`${a.file}:5:13: "spaces[0].folder": there is no folder ${join(a.dir, 'gone')}`);
  });

  it('names what is no folder', async () => {
    await using a = await node();
    const { code, codes, err } = await a.check({ folder: a.file });
    expect([code, codes]).toEqual([1, ['CONFIG_FOLDER_UNREADABLE']]);
    expect(err).toContain('ENOTDIR');
  });

  it('names a folder that this account may not list', async () => {
    await using a = await node();
    await chmod(a.dir, 0o755);
    await chmod(a.folder, 0);
    const loaded = parseConfig('agent.yaml', `spaces: [{ space: ${'ab'.repeat(16)}, folder: ${a.folder} }]`);
    expect(await asNobody(() => checkFolders(loaded, '/agent.yaml'))).toMatchObject([
      { code: 'CONFIG_FOLDER_UNREADABLE', details: { errno: 'EACCES', field: 'spaces[0].folder', line: 1 } },
    ]);
  });

  it('names a node without keys, and other faults with it', async () => {
    await using a = await node();
    await rm(join(a.state, 'keys'), { recursive: true });
    const { code, codes } = await a.check({ folder: join(a.dir, 'gone') });
    expect([code, codes]).toEqual([1, ['CONFIG_FOLDER_MISSING', 'IDENTITY_MISSING']]);
  });

  it('names a space without agreement, and one whose term has not begun', async () => {
    await using a = await node();
    const other = 'ff'.repeat(16);
    expect(await a.check({ space: other })).toMatchObject({ code: 1, codes: ['AGREEMENT_ABSENT'] });
    await a.accept({ space: other, notBefore: '2998-01-01T00:00:00.000Z' });
    expect(await a.check({ space: other })).toMatchObject({ code: 1, codes: ['AGREEMENT_NOT_YET'] });
  });

  it('names a peer that is no member, and an agency with two nodes', async () => {
    await using a = await node();
    expect(await a.check({ peer: 'H30' })).toMatchObject({ code: 1, codes: ['CHECK_PEER_STRANGER'] });
    await using second = await node();
    expect(await second.check({ peer: a.them.node })).toMatchObject({ code: 0 });
    const keys = join(a.dir, 'second');
    await mkdir(keys);
    const twin = await createIdentity(
      keys,
      { agency: 'H29.13', name: 'Nút hai' },
      { clock: systemClock, random: seededRandom('twin') },
    );
    const members = [sampleMember(twin.card, ['subscribe'])];
    const before = draft([[a.them, 'publish']]).members;
    const own = (await AgreementBook.open(join(a.state, 'agreements'), a.me, systemClock)).all()[0]
      ?.members[0];
    await a.accept({ space: 'ee'.repeat(16), members: [own, ...before, ...members] });
    expect(await a.check()).toMatchObject({ code: 1, codes: ['CHECK_PEER_AMBIGUOUS'] });
  });

  it('names an agent with nothing to do and nobody to reach', async () => {
    await using a = await node();
    await writeFile(a.file, `state: ${a.state}\n`);
    const shown = captureIo();
    expect(await runCheck({ config: a.file }, shown)).toBe(1);
    expect(shown.errLines.join('\n')).toMatch(/CHECK_NO_SPACES.*CHECK_NO_LINKS/s);
  });

  it('tells all faults of the file before it looks at the machine', async () => {
    await using a = await node();
    await expect(a.check({ more: '    scan: never\n    x: 1' })).rejects.toBeInstanceOf(ConfigError);
  });
});
