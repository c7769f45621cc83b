import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Agreement, agreementDigest, agreementSigned } from '#agent/core/agreement.ts';
import { cardSigned } from '#agent/core/card.ts';
import { parseSpaceId } from '#agent/core/ids.ts';
import { acceptedText } from '#agent/seal/acceptance.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import { AgreementTrust } from '#agent/seal/agreement-trust.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { sampleMember } from './agreed.ts';
import { draft, makeParties, SetClock, tempDir } from './parties.ts';

let a: Identity;
let b: Identity;
let stranger: Identity;
let agreement: Agreement;

beforeAll(async () => {
  [a, b, stranger] = await makeParties('H29.1', 'H29.2', 'H30');
  agreement = await signAgreement(
    draft([
      [a, 'publish'],
      [b, 'subscribe'],
    ]),
    a,
  );
});

const elsewhere = parseSpaceId('ff'.repeat(16));

describe('the agreement book', () => {
  it('keeps what was accepted, for this node only', async () => {
    await using dir = await tempDir();
    const [path, clock] = [join(dir.path, 'agreements'), new SetClock()];
    const book = await AgreementBook.open(path, b, clock);
    expect(book.inForce(agreement.space)).toMatchObject({ code: 'AGREEMENT_ABSENT' });
    await book.accept(agreement);
    await book.accept(agreement);
    expect(book.inForce(agreement.space)).toEqual(agreement);
    expect((await stat(join(path, `${agreement.space}.json`))).mode & 0o777).toBe(0o600);
    const reopened = await AgreementBook.open(path, b, clock);
    expect(reopened.all()).toEqual([agreement]);
    expect(reopened.inForce(elsewhere)).toMatchObject({ code: 'AGREEMENT_ABSENT' });
    const copied = await AgreementBook.open(path, a, clock);
    expect(copied.inForce(agreement.space)).toMatchObject({ code: 'AGREEMENT_NOT_ACCEPTED' });
  });

  it('is in force only within the term', async () => {
    await using dir = await tempDir();
    const clock = new SetClock();
    const book = await AgreementBook.open(dir.path, b, clock);
    await book.accept(agreement);
    clock.ms = Date.parse(agreement.notAfter);
    expect(book.inForce(agreement.space)).toMatchObject({ code: 'AGREEMENT_EXPIRED' });
    clock.ms = Date.parse(agreement.notBefore) - 1;
    expect(book.inForce(agreement.space)).toMatchObject({ code: 'AGREEMENT_NOT_YET' });
  });

  it('refuses what is expired, unsigned, foreign, or another document for a known space', async () => {
    await using dir = await tempDir();
    const clock = new SetClock();
    const book = await AgreementBook.open(dir.path, b, clock);
    const { signature: _, ...unsigned } = agreement;
    await expect(book.accept(unsigned)).rejects.toMatchObject({ code: 'AGREEMENT_UNSIGNED' });
    const outside = await AgreementBook.open(dir.path, stranger, clock);
    await expect(outside.accept(agreement)).rejects.toMatchObject({ code: 'AGREEMENT_FOREIGN' });
    clock.ms = Date.parse(agreement.notAfter);
    await expect(book.accept(agreement)).rejects.toMatchObject({ code: 'AGREEMENT_EXPIRED' });
    expect(await readdir(dir.path)).toEqual([]);
    clock.ms = Date.parse(agreement.notBefore);
    await book.accept(agreement);
    const other = await signAgreement(
      draft(
        [
          [a, 'publish'],
          [b, 'subscribe'],
        ],
        { name: 'Khác' },
      ),
      a,
    );
    await expect(book.accept(other)).rejects.toMatchObject({ code: 'AGREEMENT_CHANGED' });
    expect(book.inForce(agreement.space)).toEqual(agreement);
  });

  it('trusts no file that was touched, cut, emptied or moved, and takes the good one again', async () => {
    await using dir = await tempDir();
    const clock = new SetClock();
    const book = await AgreementBook.open(dir.path, b, clock);
    await book.accept(agreement);
    const file = join(dir.path, `${agreement.space}.json`);
    const good = await readFile(file, 'utf8');
    const bad = [
      '',
      '{}',
      good.slice(0, -9),
      good.replace('2026-12-02', '2027-12-02'),
      good.replace(b.node, a.node),
    ];
    const accepted = good.lastIndexOf('"signature": "') + 14;
    bad.push(`${good.slice(0, accepted)}${good[accepted] === '0' ? '1' : '0'}${good.slice(accepted + 1)}`);
    for (const text of bad) {
      await writeFile(file, text);
      await book.reload();
      expect(book.inForce(agreement.space), text.slice(-40)).toHaveProperty('code');
      expect(book.all()).toEqual([]);
    }
    await book.accept(agreement);
    await writeFile(join(dir.path, `${elsewhere}.json`), good);
    await writeFile(join(dir.path, 'notes.txt'), 'x');
    await mkdir(join(dir.path, `${'ee'.repeat(16)}.json`));
    await book.reload();
    expect(book.inForce(agreement.space)).toEqual(agreement);
    expect(book.inForce(elsewhere)).toMatchObject({ code: 'AGREEMENT_DAMAGED' });
  });

  it('takes no file whose acceptance is for another document, or whose owner did not sign', async () => {
    await using dir = await tempDir();
    const clock = new SetClock();
    const book = await AgreementBook.open(dir.path, b, clock);
    const file = join(dir.path, `${agreement.space}.json`);
    const other = await signAgreement(
      draft(
        [
          [a, 'publish'],
          [b, 'subscribe'],
        ],
        { name: 'Khác' },
      ),
      a,
    );
    const { acceptance } = JSON.parse(acceptedText(other, b, clock.now()));
    const { signature: _, ...unsigned } = agreement;
    const cases = [
      [JSON.stringify({ agreement, acceptance }), 'AGREEMENT_NOT_ACCEPTED'],
      [acceptedText(agreement, a, clock.now()), 'AGREEMENT_NOT_ACCEPTED'],
      [acceptedText(unsigned, b, clock.now()), 'AGREEMENT_UNSIGNED'],
      [acceptedText({ ...other, name: 'Nữa' }, b, clock.now()), 'AGREEMENT_BAD_SIGNATURE'],
    ] as const;
    for (const [text, code] of cases) {
      await writeFile(file, text);
      await book.reload();
      expect(book.inForce(agreement.space)).toMatchObject({ code });
    }
  });

  it('accepts no member whose card no key can be granted to', async () => {
    await using dir = await tempDir();
    const book = await AgreementBook.open(dir.path, b, new SetClock());
    const point = `04${'00'.repeat(96)}`;
    for (const [suite, field, key] of [
      ['nacl-pq', 'wrapKey', 'ff'.repeat(1216)],
      ['vn-civil', 'p384WrapKey', point],
    ] as const) {
      const bad = { ...stranger.card, [field]: key };
      const card = { ...bad, signature: stranger.signSlowly('card', cardSigned(bad)).toHex() };
      const members = [...agreement.members, sampleMember(card, ['subscribe'])];
      await expect(signAgreement({ ...agreement, suite, members }, a)).rejects.toMatchObject({
        code: 'CARD_BAD_WRAP_KEY',
      });
      const signature = a.signSlowly('agreement', agreementSigned({ ...agreement, suite, members })).toHex();
      const accepting = book.accept({ ...agreement, suite, members, signature });
      await expect(accepting).rejects.toMatchObject({ code: 'CARD_BAD_WRAP_KEY' });
    }
  });

  it('sees what another process accepted, and keeps the object of what did not change', async () => {
    await using dir = await tempDir();
    const clock = new SetClock();
    const [running, command] = [
      await AgreementBook.open(dir.path, b, clock),
      await AgreementBook.open(dir.path, b, clock),
    ];
    await command.accept(agreement);
    await running.reload();
    const seen = running.inForce(agreement.space);
    expect(seen).toEqual(agreement);
    await running.reload();
    expect(running.inForce(agreement.space)).toBe(seen);
  });
});

describe('what the exchange is told', () => {
  it('covers agreements in force, and nothing else', async () => {
    await using dir = await tempDir();
    const clock = new SetClock();
    const book = await AgreementBook.open(dir.path, b, clock);
    await book.accept(agreement);
    const trust = new AgreementTrust(book);
    expect(trust.certificates()).toEqual([a, b].map(({ node, tls }) => ({ node, pem: tls.cert })));
    const members = new Set([a.node, b.node]);
    expect(trust.inForce(agreement.space)).toEqual({ digest: agreementDigest(agreement), members });
    expect(trust.inForce(elsewhere)).toBeUndefined();
    clock.ms = Date.parse(agreement.notAfter);
    expect(trust.certificates()).toEqual([]);
    expect(trust.inForce(agreement.space)).toBeUndefined();
  });
});
