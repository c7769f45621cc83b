/** `dongbo audit` on a state directory whose agent does not run. */
import { chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog } from '#agent/audit/audit-log.ts';
import { runProgram } from '#agent/cli/program.ts';
import type { Language } from '#agent/core/messages/language.ts';
import { auditParts } from '#agent/cycle/audit-parts.ts';
import { createIdentity, type Identity } from '#agent/seal/identity.ts';
import { systemClock as clock } from '#agent/sys/clock.ts';
import { lockState } from '#agent/sys/lock.ts';
import { nodeDisk as disk } from '#agent/sys/node-disk.ts';
import { systemRandom as random } from '#agent/sys/random.ts';
import { type TemporaryDir, temporaryDir } from '#test/sys/temporary-dir.ts';
import { captureIo } from './capture-io.ts';

let dir: TemporaryDir;
let state: string;
let config: string;

const sharing = {
  ...{ space: '0a'.repeat(16), form: 'push', requester: 'ab'.repeat(32), supplier: 'cd'.repeat(32) },
  ...{ requesterAgency: 'H29.13', supplierAgency: 'H29.12', agreement: 'ef'.repeat(32), label: 'INTERNAL' },
  ...{ asked: '2026-07-01T00:00:00.000000Z', reference: '=HYPERLINK("x")', records: 2, bytes: 100 },
  result: 'sent',
};

beforeEach(async () => {
  dir = await temporaryDir();
  state = join(dir.path, 'state');
  config = join(dir.path, 'agent.yaml');
  await mkdir(join(state, 'keys'), { recursive: true, mode: 0o700 });
  await writeFile(config, `state: ${state}\n`);
  const owner = { agency: 'H29.12', name: 'Sở Nội vụ' };
  await write(await createIdentity(join(state, 'keys'), owner, { clock, random }));
});
afterEach(() => dir[Symbol.asyncDispose]());

async function write(identity: Identity): Promise<void> {
  const place = { state, audit: { maxBytes: 2 ** 20 }, clock, random, disk };
  await using log = new AuditLog(auditParts(place, identity));
  await log.append('supplied', sharing);
  await log.append('received', { ...sharing, requesterAgency: 'H29.12', supplierAgency: 'H29.14' });
  await log.append('halted', { code: 'MASS_DELETE_LOCAL' });
}

async function audit(args: readonly string[], lang: Language = 'en') {
  const io = captureIo({ lang });
  const code = await runProgram(['audit', ...args, '--config', config], io);
  return { code, out: io.outLines, err: io.errLines.join('\n') };
}

describe('dongbo audit', () => {
  it('verifies, and puts each reading on record before it is answered', async () => {
    const { code, out } = await audit(['verify']);
    expect(code).toBe(0);
    expect(out[0]).toBe('The audit log is whole and unchanged: 4 records (1–4)');
    const shown = await audit(['show'], 'vi');
    expect(shown.out.join('\n')).toContain('by=tester command=verify');
    expect(shown.out.at(-1)).toContain('by=tester command=show');
    expect(shown.out.join('\n')).toContain('halted (không gian tạm dừng)');
  });

  it.each([
    ['en', 'record 2 is not as it was written'],
    ['vi', 'bản ghi 2 không còn như khi được ghi'],
  ] as const)('names the file and the record that was changed (%s)', async (lang, words) => {
    const name = (await readdir(join(state, 'audit'))).find((file) => file.endsWith('.jsonl')) ?? 'none';
    const file = join(state, 'audit', name);
    await writeFile(file, (await readFile(file, 'utf8')).replace('H29.14', 'H29.15'));
    const { code, err } = await audit(['verify'], lang);
    expect(code).toBe(1);
    expect(err).toContain(`AUDIT_RECORD_CHANGED: ${name}: `);
    expect(err).toContain(words);
    expect(err).toContain('AUDIT_READING_UNRECORDED');
  });

  it('exports the sharings of a period and an agency, one row each, without formulas (R14)', async () => {
    const all = await audit(['export', '--format', 'json']);
    expect(all.out.map((line) => JSON.parse(line).type)).toEqual(['supplied', 'received']);
    const { out } = await audit(['export', '--agency', 'H29.13', '--format', 'csv']);
    expect(out).toHaveLength(2);
    expect(out[0]?.split(',')).toHaveLength(17);
    expect(out[1]).toContain('"\'=HYPERLINK(""x"")"');
    expect((await audit(['export', '--agency', 'H29.99'])).out).toHaveLength(1);
    const today = new Date(clock.now()).toISOString().slice(0, 10);
    expect((await audit(['export', '--from', today, '--to', today])).out).toHaveLength(3);
    expect((await audit(['export', '--from', '2999-01-01'])).out).toHaveLength(1);
    expect((await audit(['export', '--to', '2000-01'])).out).toHaveLength(1);
  });

  it('refuses a period that is none, and an agency that is none', async () => {
    expect((await audit(['show', '--from', 'yesterday'])).err).toContain('AUDIT_PERIOD');
    expect((await audit(['export', '--agency', '../x'])).code).toBe(1);
    expect((await audit(['export', '--format', 'xml'])).code).toBe(2);
  });

  it('verifies by the card alone, and by no other card', async () => {
    const card = join(state, 'keys', 'card.json');
    await mkdir(join(dir.path, 'other'), { mode: 0o700 });
    const other = { agency: 'H29.13', name: 'Sở Tài chính' };
    await createIdentity(join(dir.path, 'other'), other, { clock, random });
    expect((await audit(['verify', '--card', card])).code).toBe(0);
    const { code, err } = await audit(['verify', '--card', join(dir.path, 'other', 'card.json')]);
    expect(code).toBe(1);
    expect(err).toContain('AUDIT_HEAD_INVALID');
  });

  it.runIf(process.getuid?.() === 0)(
    'leaves the log to the account of the agent when root reads',
    async () => {
      await chown(state, 65_534, 65_534);
      await audit(['show']);
      for (const name of await readdir(join(state, 'audit')))
        expect((await stat(join(state, 'audit', name))).uid, name).toBe(65_534);
      expect((await stat(join(state, 'audit'))).uid).toBe(65_534);
    },
  );

  it('reads on when the reading cannot be put on record, and says so', async () => {
    await using _lock = await lockState(state);
    const { code, out, err } = await audit(['show']);
    expect(code).toBe(0);
    expect(out).toHaveLength(6);
    expect(err).toContain('AUDIT_READING_UNRECORDED');
  });
});
