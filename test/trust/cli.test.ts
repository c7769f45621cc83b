import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runAgreementAccept, runAgreementShow, runAgreementSign } from '#agent/cli/agreement.ts';
import { runAgreementNew } from '#agent/cli/agreement-new.ts';
import { runCard, runCardShow } from '#agent/cli/card.ts';
import { runInit } from '#agent/cli/init.ts';
import type { CliIo } from '#agent/cli/init-io.ts';
import { cardFingerprint } from '#agent/core/card.ts';
import { AgreementBook, isRefusal } from '#agent/seal/agreement-book.ts';
import { loadIdentity } from '#agent/seal/identity.ts';
import { SetClock, seededRandom, tempDir } from './parties.ts';

interface Desk extends CliIo {
  readonly lines: string[];
}

function desk(seed: string, lang: 'vi' | 'en' = 'en'): Desk {
  const lines: string[] = [];
  return { lines, lang, clock: new SetClock(), random: seededRandom(seed), out: (line) => lines.push(line) };
}

const text = (io: Desk) => io.lines.join('\n');

describe('init', () => {
  it('makes state and keys directories for one person only, and says what was made', async () => {
    await using dir = await tempDir();
    const io = desk('a', 'vi');
    const state = join(dir.path, 'var', 'dongbo');
    const identity = await runInit({ state, agency: '000.00.12.H29', name: 'Sở Tư pháp' }, io);
    expect(identity.agency).toBe('H29.12');
    expect((await stat(join(state, 'keys'))).mode & 0o777).toBe(0o700);
    expect((await stat(state)).mode & 0o777).toBe(0o700);
    expect(text(io)).toContain(cardFingerprint(identity.card));
    expect(text(io)).toContain('Đã tạo khoá');
    const again = runInit({ state, agency: 'H29.12', name: 'Khác' }, io);
    await expect(again).rejects.toMatchObject({ code: 'IDENTITY_EXISTS' });
  });

  it('makes no new identity over the state of a lost one', async () => {
    await using dir = await tempDir();
    await mkdir(join(dir.path, 'db'));
    const run = runInit({ state: dir.path, agency: 'H29', name: 'x' }, desk('a'));
    await expect(run).rejects.toMatchObject({ code: 'INIT_STATE_EXISTS' });
    await expect(stat(join(dir.path, 'keys'))).rejects.toThrow();
  });
});

describe('card', () => {
  it('is written once, and shown with its fingerprint', async () => {
    await using dir = await tempDir();
    const [io, state, out] = [desk('a'), join(dir.path, 's'), join(dir.path, 'a.card.json')];
    await runInit({ state, agency: 'H29.12', name: 'Sở Tư pháp' }, io);
    const { card } = await runCard({ state, out }, io);
    await runCard({ state, out }, io);
    expect((await stat(out)).mode & 0o777).toBe(0o644);
    expect(await readFile(out, 'utf8')).not.toContain('PRIVATE');
    const fingerprint = cardFingerprint(card);
    expect(await runCardShow({ file: out, expect: fingerprint.toLowerCase() }, io)).toEqual(card);
    const wrong = runCardShow({ file: out, expect: 'AAAA-BBBB-CCCC-DDDD-EEEE' }, io);
    await expect(wrong).rejects.toMatchObject({
      code: 'CARD_FINGERPRINT_MISMATCH',
      details: { actual: fingerprint },
    });
    await writeFile(out, 'mine');
    await expect(runCard({ state, out }, io)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    await expect(runCardShow({ file: out }, io)).rejects.toMatchObject({ code: 'FILE_NOT_JSON' });
    const absent = runCardShow({ file: join(dir.path, 'none') }, io);
    await expect(absent).rejects.toMatchObject({ code: 'FILE_UNREADABLE', details: { errno: 'ENOENT' } });
  });
});

describe('agreement', () => {
  async function node(dir: string, agency: string) {
    const state = join(dir, agency);
    const card = join(dir, `${agency}.json`);
    await runInit({ state, agency, name: `Cơ quan ${agency}` }, desk(agency));
    await runCard({ state, out: card }, desk(agency));
    return { state, card };
  }

  it('goes from draft through signature to acceptance at each member', async () => {
    await using dir = await tempDir();
    const [a, b, hub] = [
      await node(dir.path, 'H01.1'),
      await node(dir.path, 'H01.2'),
      await node(dir.path, 'H01'),
    ];
    const file = join(dir.path, 'agreement.json');
    const io = desk('owner', 'vi');
    const terms = {
      name: 'Hồ sơ',
      members: [`${b.card}:subscribe`],
      relays: [hub.card],
      termDays: 30,
      out: file,
    };
    const drafted = await runAgreementNew({ state: a.state, suite: 'vn-civil', ...terms }, io);
    expect(drafted.suite).toBe('vn-civil');
    expect(text(io)).toContain('Bộ mật mã: vn-civil');
    expect(drafted.members.map((m) => m.roles)).toEqual([['publish', 'subscribe'], ['subscribe'], ['relay']]);
    expect(drafted).toMatchObject({
      notBefore: '2026-11-02T00:00:00.000Z',
      notAfter: '2026-12-03T00:00:00.000Z',
    });
    await expect(runAgreementNew({ state: a.state, ...terms }, io)).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    const early = runAgreementAccept({ state: b.state, file }, io);
    await expect(early).rejects.toMatchObject({ code: 'AGREEMENT_UNSIGNED' });
    const thief = runAgreementSign({ state: b.state, file }, io);
    await expect(thief).rejects.toMatchObject({ code: 'AGREEMENT_NOT_OWNER' });
    await runAgreementSign({ state: a.state, file }, io);
    await runAgreementShow({ file }, io);
    for (const { state } of [a, b, hub]) {
      await runAgreementAccept({ state, file }, io);
      const identity = await loadIdentity(join(state, 'keys'));
      const book = await AgreementBook.open(join(state, 'agreements'), identity, io.clock);
      expect(isRefusal(book.inForce(drafted.space))).toBe(false);
    }
    expect(text(io)).toContain('Chữ ký: hợp lệ, của H01.1');
  });

  it('names what is wrong with the terms', async () => {
    await using dir = await tempDir();
    const a = await node(dir.path, 'H01');
    const stranger = await node(dir.path, 'H02');
    const base = { state: a.state, name: 'x', members: [], termDays: 1, out: join(dir.path, 'x.json') };
    const cases = [
      [{ ...base, termDays: 0 }, 'TERM_MALFORMED'],
      [{ ...base, termDays: 1.5 }, 'TERM_MALFORMED'],
      [{ ...base, label: 'SECRET' }, 'LABEL_UNKNOWN'],
      [{ ...base, suite: 'rot13' }, 'SUITE_UNKNOWN'],
      [{ ...base, label: 'INTERNAL+MAT' }, 'AGREEMENT_TERMS_NEEDED'],
      [{ ...base, label: 'RESTRICTED' }, 'AGREEMENT_TERMS_NEEDED'],
      [{ ...base, members: [stranger.card] }, 'AGREEMENT_TERMS_NEEDED'],
      [{ ...base, members: [`${a.card}:admin`] }, 'ROLE_UNKNOWN'],
      [{ ...base, members: [a.card] }, 'AGREEMENT_MALFORMED'],
      [{ ...base, members: [join(dir.path, 'none.json')] }, 'FILE_UNREADABLE'],
      [{ ...base, state: join(dir.path, 'nowhere') }, 'IDENTITY_MISSING'],
    ] as const;
    for (const [options, code] of cases) {
      await expect(runAgreementNew(options, desk('x')), code).rejects.toMatchObject({ code });
    }
    await expect(stat(base.out)).rejects.toThrow();
  });
});
