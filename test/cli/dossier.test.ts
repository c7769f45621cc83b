/** `dongbo dossier` (R38): all that is asked, from the live node, in three forms and two languages; no name, no secret. */
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dossier, dossierSchema } from '#agent/cli/dossier/dossier-schema.ts';
import { runProgram } from '#agent/cli/program.ts';
import { captureIo } from './capture-io.ts';
import { DossierNode, hostile, itemNames, space } from './dossier-node.ts';

let node: DossierNode;

beforeAll(async () => {
  node = await DossierNode.create();
});

afterAll(() => node[Symbol.asyncDispose]());

const read = async (lang: 'en' | 'vi' = 'en'): Promise<Dossier> =>
  dossierSchema.parse(JSON.parse((await node.dossier('json', lang)).out));

const forms = ['md', 'html', 'json'].flatMap((format) =>
  (['en', 'vi'] as const).map((lang) => [format, lang] as const),
);

describe('as JSON', () => {
  it('follows its schema, and says what the node is, where, and with whom', async () => {
    const { system, flows, agreements, suites } = await read();
    expect(system).toMatchObject({
      agency: 'H29.12',
      name: hostile,
      node: node.identity.node,
      role: 'agent',
    });
    expect(system.folders).toEqual([{ space, folder: node.at('folder') }]);
    expect(flows.listening.map(({ what, at }) => `${what} ${at}`)).toEqual([
      'exchange 0.0.0.0:8443',
      'status 127.0.0.1:1',
      `control ${node.at('state/control.sock')}`,
    ]);
    expect(flows.outgoing).toEqual([{ to: 'H29', agency: 'H29', url: 'https://hub.invalid:8443' }]);
    expect(flows.incoming.map(({ agency }) => agency)).toEqual(['H29.13', 'H29.14']);
    const [agreement] = agreements;
    expect(agreement).toMatchObject({ space, standing: 'in-force', revision: 1, term: { is: 'valid' } });
    expect(agreement?.members.map(({ system: approved }) => approved?.valid.is)).toEqual([
      'valid',
      'soon',
      'over',
      undefined,
    ]);
    expect(suites).toMatchObject([{ name: 'nacl-pq', spaces: [space], postQuantum: true }]);
    const by = suites[0]?.algorithms.map((one) => one.by) ?? [];
    for (const name of by) expect(name).toMatch(/\d+\.\d+\.\d+/);
  });

  it('flags what is open more widely than it should be, and names the account of the unit', async () => {
    const wide = async () => (await read()).access.filter((one) => one.wide).map(({ path }) => path);
    expect(await wide()).toEqual([]);
    const opened = ['state', 'state/keys/tls.key', 'folder', 'agent.yaml'].map((name) => node.at(name));
    const before = await Promise.all(opened.map(async (path) => (await stat(path)).mode & 0o777));
    await chmod(node.at('state'), 0o711);
    await chmod(node.at('state/keys/tls.key'), 0o640);
    await chmod(node.at('folder'), 0o755);
    await chmod(node.at('agent.yaml'), 0o664);
    expect((await wide()).sort()).toEqual([...opened].sort());
    expect((await node.dossier('md')).out).toContain(`${node.at('folder')}: mode 0755 is wider`);
    for (const [i, path] of opened.entries()) await chmod(path, before[i] ?? 0);
    await mkdir(node.at('units/dongbo.service.d'), { recursive: true });
    await writeFile(node.at('units/dongbo.service'), '[Service]\nUser=dongbo\nGroup=dongbo\n');
    await writeFile(node.at('units/dongbo.service.d/a.conf'), '[Service]\nUser=khac\n');
    expect((await read()).service).toEqual({
      unit: node.at('units/dongbo.service'),
      user: 'khac',
      group: 'dongbo',
    });
  });

  it('knows the audit log, and verifies it only when that goes on record', async () => {
    expect((await read()).logs.audit).toMatchObject({
      files: 1,
      head: { seq: 2 },
      verified: 'not-on-record',
      retentionMonths: 24,
    });
    await using agent = await node.serve();
    expect((await read()).logs.audit.verified).toEqual({ first: 1, last: 2 });
    expect(agent.reads).toEqual(['tester dossier']);
    await node.configure(1);
  });

  it('has halts and problems of the running agent by code and number, or says that none answers', async () => {
    expect((await read()).running).toEqual({ is: false, code: 'STATUS_NOT_RUNNING' });
    expect((await node.dossier('md')).out).toMatch(
      /does not answer on this machine \(STATUS\\_NOT\\_RUNNING\)/,
    );
    await using _agent = await node.serve();
    expect((await read()).running).toMatchObject({
      is: true,
      spaces: [
        {
          halt: { code: 'MASS_DELETE_LOCAL', needsRelease: true },
          problemCodes: { NAME_CLASH: 3, STORE_READ_FAILED: 1 },
        },
      ],
    });
    await node.configure(1);
  });
});

describe('in every form and language', () => {
  it.each(forms)('%s, %s: holds no name of an item and no secret', async (format, lang) => {
    const { out, code } = await node.dossier(format, lang);
    expect(code).toBe(0);
    for (const name of itemNames) expect(out).not.toContain(name);
    for (const secret of await node.secrets()) expect(out).not.toContain(secret);
    expect(out).not.toContain('PRIVATE KEY');
    expect(out).toContain('nhân sự');
    expect(out).toContain('12/QĐ');
  });

  it.each(forms)('%s, %s: claims no conformity', async (format, lang) => {
    const { out } = await node.dossier(format, lang);
    expect(out).not.toMatch(/hợp quy|certif(?:y|ied|ication)|conform|compliant|chứng nhận/i);
  });

  it('says in Vietnamese what it says in English: as many headings, tables and rows', async () => {
    const shape = async (lang: 'en' | 'vi') =>
      (await node.dossier('md', lang)).out.split('\n').map((line) => /^(#+|\||-|```)?/.exec(line)?.[0] ?? '');
    expect(await shape('vi')).toEqual(await shape('en'));
    const { out } = await node.dossier('md', 'vi');
    for (const line of out.split('\n').filter((text) => text.startsWith('## ')))
      expect(line).toMatch(/[\u00c0-\u1ef9]/);
    expect(out).not.toMatch(/undefined|\[object/);
  });

  it('tells what ends within 60 days, and what is over', async () => {
    const { out } = await node.dossier('md', 'vi');
    expect(out).toMatch(/cấp độ an toàn hệ thống của H29\.13: CÒN (29|30) NGÀY/);
    expect(out).toMatch(/cấp độ an toàn hệ thống của H29\.14: HẾT HIỆU LỰC từ 02\/01\/2026/);
    expect(out).toMatch(/H29\.12 [^|]*\\\| /);
  });
});

describe('as HTML', () => {
  it('is one file without scripts or references, every value escaped', async () => {
    const { out } = await node.dossier('html', 'vi');
    expect(out).not.toContain('<script');
    expect(out).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(out).not.toMatch(/<[^>]*\s(?:src|href|on\w+|action)\s*=/i);
    expect(out).not.toMatch(/@import|url\(/i);
    expect(out).toContain('size: A4');
    const tags = new Set([...out.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag));
    const known = 'html head meta title style body h1 h2 h3 p ul li pre table thead tbody tr th td';
    expect([...tags].filter((tag) => !known.split(' ').includes(tag ?? ''))).toEqual([]);
  });
});

describe('as Markdown', () => {
  it('lets no value become markup', async () => {
    const { out } = await node.dossier('md');
    expect(out).not.toContain('<script>');
    expect(out).not.toContain('[e](');
    const rows = out.split('\n').filter((line) => line.startsWith('| '));
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    for (const [i, row] of rows.entries())
      if (rows[i + 1]?.startsWith('| ---')) expect(cells(rows[i + 2] ?? '')).toBe(cells(row));
  });
});

describe('what is broken', () => {
  it('is told beside the rest: a damaged agreement, one that is missing', async () => {
    await using ill = await DossierNode.create();
    const file = ill.at(`state/agreements/${space}.json`);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"freshnessHours": 24', '"freshnessHours": 0'));
    const shown = await ill.dossier('md');
    expect(shown.code).toBe(1);
    expect(shown.err).toMatch(/AGREEMENT_MALFORMED: .*freshnessHours must be at least 1 \(R13\)/);
    expect(shown.out).toMatch(/AGREEMENT\\_MALFORMED: .*freshnessHours must be at least 1 \(R13\)/);
    await writeFile(file, '{');
    expect((await ill.dossier('md', 'vi')).err).toMatch(/^AGREEMENT_DAMAGED: .*\(R12\)/);
    await rm(file);
    const absent = await ill.dossier('json');
    expect(absent.err).toMatch(/^AGREEMENT_ABSENT: .*R12/);
    const { requirements } = dossierSchema.parse(JSON.parse(absent.out));
    expect(requirements.find(({ id }) => id === 'R12')?.kind).toBe('agency-duty');
  });

  it('is told of a suspended space', async () => {
    await using ill = await DossierNode.create();
    await ill.suspend();
    const { out } = await ill.dossier('md', 'vi');
    expect(out).toContain('không có hiệu lực (AGREEMENT\\_SUSPENDED)');
    expect(out).toContain('TẠM DỪNG (số 1,');
  });

  it.each([
    ['state: /không/có', /^DOSSIER_STATE_UNREADABLE: .*"state".*ENOENT.*R38/],
    ['audit: { retentionMonths: 3 }', /^CONFIG_RULE: .*"audit.retentionMonths".*R22/],
  ])('stops at a configuration with %s', async (line, expected) => {
    const io = captureIo();
    await writeFile(node.at('bad.yaml'), line);
    expect(await runProgram(['dossier', '--config', node.at('bad.yaml')], io)).toBe(1);
    expect(io.errLines.join('\n')).toMatch(expected);
    expect(io.outLines).toEqual([]);
  });
});

it('is written to a file that the group may read and nobody else', async () => {
  const out = node.at('hồ sơ.html');
  expect(await node.dossier('html', 'vi', { out })).toMatchObject({ code: 0, out: '' });
  expect((await stat(out)).mode & 0o777).toBe(0o640);
  expect(await readFile(out, 'utf8')).toContain('</html>');
  await expect(node.dossier('md', 'vi', { out: node.at('không/có.md') })).rejects.toMatchObject({
    code: 'FILE_UNWRITABLE',
  });
});
