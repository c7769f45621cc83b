/** Amendments replace what they name and nothing else; notices of the owner stop and restart a space. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Agreement, agreementDigest, parseAgreement } from '#agent/core/agreement.ts';
import { agreedDigests, nextRevision } from '#agent/core/amendment.ts';
import type { NoticeKind } from '#agent/core/notice.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import { AgreementTrust } from '#agent/seal/agreement-trust.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { signNotice } from '#agent/seal/notice.ts';
import { sampleSystem } from './agreed.ts';
import { draft, makeParties, SetClock, tempDir } from './parties.ts';

let a: Identity;
let b: Identity;
let c: Identity;
let first: Agreement;
let second: Agreement;

const amend = (before: Agreement, changes: object = {}) =>
  signAgreement(parseAgreement({ ...nextRevision(before), ...changes }), a);

beforeAll(async () => {
  [a, b, c] = await makeParties('H29.1', 'H29.2', 'H29.3');
  const members = [
    [a, 'publish', 'subscribe'],
    [b, 'publish', 'subscribe'],
  ] as const;
  first = await signAgreement(draft(members), a);
  second = await amend(first, { notAfter: '2027-12-02T00:00:00.000Z' });
});

async function open(path: string, clock = new SetClock()) {
  return { book: await AgreementBook.open(path, b, clock), clock };
}

describe('an amendment', () => {
  it('replaces the revision that it names, durably, and keeps that one on the record', async () => {
    await using dir = await tempDir();
    const { book, clock } = await open(dir.path);
    await book.accept(first);
    await book.accept(second);
    expect(book.inForce(first.space)).toEqual(second);
    const { book: again } = await open(dir.path, clock);
    expect(again.inForce(first.space)).toEqual(second);
    expect(again.all()).toEqual([second]);
    expect((await readdir(dir.path)).sort()).toEqual([
      `${first.space}.1.json`,
      `${first.space}.json`,
      `${first.space}.suite`,
    ]);
    expect(agreedDigests(second)).toEqual(new Set([first, second].map(agreementDigest)));
  });

  it('knows of who left by the revisions of its chain alone, whatever else lies there', async () => {
    await using dir = await tempDir();
    await using other = await tempDir();
    const { members } = draft([[c, 'publish']]);
    const { signature: _, ...unsigned } = first;
    const strange = await signAgreement(
      parseAgreement({ ...unsigned, name: 'Khác', members: [...first.members, ...members] }),
      a,
    );
    await (await open(other.path)).book.accept(strange);
    const { book, clock } = await open(dir.path);
    await book.accept(first);
    await book.accept(second);
    const text = await readFile(join(other.path, `${first.space}.json`));
    await writeFile(join(dir.path, `${first.space}.7.json`), text);
    const { book: again } = await open(dir.path, clock);
    expect(again.formerly(first.space, c.node)).toBeUndefined();
  });

  it('extends an agreement whose term is over', async () => {
    await using dir = await tempDir();
    const { book, clock } = await open(dir.path);
    await book.accept(first);
    clock.ms = Date.parse(first.notAfter);
    expect(book.inForce(first.space)).toMatchObject({ code: 'AGREEMENT_EXPIRED' });
    await book.accept(second);
    expect(book.inForce(first.space)).toEqual(second);
  });

  it('is refused when it does not follow on what is held here', async () => {
    await using dir = await tempDir();
    const { book } = await open(dir.path);
    await book.accept(first);
    const { signature: _, ...unsigned } = first;
    const rewritten = await signAgreement(parseAgreement({ ...unsigned, name: 'Khác' }), a);
    const onAnother = await amend(rewritten);
    const mastered = await amend(first, { masterOwner: a.node });
    const byAnother = await signAgreement(parseAgreement({ ...nextRevision(first), owner: b.node }), b);
    for (const bad of [rewritten, onAnother, mastered, byAnother])
      await expect(book.accept(bad)).rejects.toMatchObject({ code: 'AGREEMENT_CHANGED' });
    await book.accept(second);
    await expect(book.accept(first)).rejects.toMatchObject({ code: 'AGREEMENT_OLDER' });
    expect(book.inForce(first.space)).toEqual(second);
  });
});

describe('a member that was away, or had left', () => {
  it('takes the revision that names it, whatever lies between, if the chain has what it holds', async () => {
    await using dir = await tempDir();
    const { book } = await open(dir.path);
    await book.accept(first);
    const third = await amend(second);
    await book.accept(third);
    expect(book.inForce(first.space)).toEqual(third);
    await expect(book.accept(second)).rejects.toMatchObject({ code: 'AGREEMENT_OLDER' });
  });
});

describe('a notice of the owner', () => {
  const notice = (kind: NoticeKind, number: number, agreement = first, by = a) =>
    signNotice(agreement, { notice: kind, number, reason: 'Bảo trì', now: 0 }, by);

  it('suspends at once, across restarts and amendments, until it is resumed (R15)', async () => {
    await using dir = await tempDir();
    const { book, clock } = await open(dir.path);
    await book.accept(first);
    await book.acceptNotice(notice('suspend', 1));
    const refusal = { code: 'AGREEMENT_SUSPENDED', details: { reason: 'Bảo trì' } };
    expect(book.inForce(first.space)).toMatchObject(refusal);
    expect(new AgreementTrust(book).certificates()).toEqual([]);
    await book.accept(second);
    const { book: again } = await open(dir.path, clock);
    expect(again.inForce(first.space)).toMatchObject(refusal);
    await again.acceptNotice(notice('resume', 2));
    expect(again.inForce(first.space)).toEqual(second);
    await book.reload();
    expect(book.inForce(first.space)).toEqual(second);
    await expect(again.acceptNotice(notice('resume', 1))).rejects.toMatchObject({ code: 'NOTICE_OLDER' });
  });

  it('that was lifted cannot be played again', async () => {
    await using dir = await tempDir();
    const { book } = await open(dir.path);
    await book.accept(first);
    await book.acceptNotice(notice('resume', 2));
    await book.acceptNotice(notice('suspend', 3));
    await expect(book.acceptNotice(notice('resume', 2))).rejects.toMatchObject({ code: 'NOTICE_OLDER' });
    expect(book.inForce(first.space)).toMatchObject({ code: 'AGREEMENT_SUSPENDED' });
  });

  it('ends for good', async () => {
    await using dir = await tempDir();
    const { book } = await open(dir.path);
    await book.accept(first);
    await book.acceptNotice(notice('end', 1));
    await book.acceptNotice(notice('end', 1));
    expect(book.inForce(first.space)).toMatchObject({ code: 'AGREEMENT_ENDED' });
    await expect(book.acceptNotice(notice('resume', 2))).rejects.toMatchObject({ code: 'NOTICE_OLDER' });
    await expect(book.accept(second)).rejects.toMatchObject({ code: 'AGREEMENT_ENDED' });
  });

  it('counts only from the owner, unchanged, for a space that is known', async () => {
    await using dir = await tempDir();
    const { book } = await open(dir.path);
    await expect(book.acceptNotice(notice('end', 1))).rejects.toMatchObject({ code: 'AGREEMENT_ABSENT' });
    await book.accept(first);
    const byB = notice('end', 1, { ...first, owner: b.node }, b);
    await expect(book.acceptNotice(byB)).rejects.toMatchObject({ code: 'NOTICE_FOREIGN' });
    expect(() => notice('end', 1, first, b)).toThrow('AGREEMENT_NOT_OWNER');
    const changed = { ...notice('suspend', 1), notice: 'end' as const };
    await expect(book.acceptNotice(changed)).rejects.toMatchObject({ code: 'NOTICE_BAD_SIGNATURE' });
    expect(book.inForce(first.space)).toEqual(first);
  });

  it('that cannot be read stops the space', async () => {
    await using dir = await tempDir();
    const { book } = await open(dir.path);
    await book.accept(first);
    await writeFile(join(dir.path, `${first.space}.notice.json`), '{');
    await book.reload();
    expect(book.inForce(first.space)).toMatchObject({ code: 'AGREEMENT_DAMAGED' });
  });
});

describe('what an agreement rests on', () => {
  const until = '2026-11-10T00:00:00.000Z';
  const endOf = (member: number) =>
    first.members.map((m, i) =>
      i === member ? { ...m, system: { ...sampleSystem, validUntil: until } } : m,
    );

  it("ends for this node alone with its own system's approval (R09)", async () => {
    await using dir = await tempDir();
    const { book, clock } = await open(dir.path);
    await book.accept(await amend(first, { revision: 1, previous: [], members: endOf(1) }));
    clock.ms = Date.parse(until) - 1;
    expect(book.inForce(first.space)).not.toHaveProperty('code');
    clock.ms = Date.parse(until);
    const details = { agency: 'H29.2', decision: '12/QĐ-SNV', validUntil: until };
    expect(book.inForce(first.space)).toMatchObject({ code: 'READER_SYSTEM_EXPIRED', details });
  });

  it("keeps a member out whose system's approval is over, and nobody else (R09)", async () => {
    await using dir = await tempDir();
    const { book, clock } = await open(dir.path);
    await book.accept(await amend(first, { revision: 1, previous: [], members: endOf(0) }));
    const trust = new AgreementTrust(book);
    expect(trust.inForce(first.space)?.members).toEqual(new Set([a.node, b.node]));
    clock.ms = Date.parse(until);
    expect(trust.inForce(first.space)?.members).toEqual(new Set([b.node]));
    expect(trust.certificates().map(({ node }) => node)).toEqual([b.node]);
    clock.ms -= 1;
    expect(trust.inForce(first.space)?.members).toEqual(new Set([a.node, b.node]));
  });

  it('ends with the exception for a direct route (R11)', async () => {
    await using dir = await tempDir();
    const { book, clock } = await open(dir.path);
    const exception = { reason: 'Nền tảng chưa sẵn sàng', approver: 'UBND tỉnh', validUntil: until };
    const route = { kind: 'direct', exception };
    await book.accept(await amend(first, { revision: 1, previous: [], route }));
    clock.ms = Date.parse(until) - 1;
    expect(book.inForce(first.space)).not.toHaveProperty('code');
    clock.ms = Date.parse(until);
    expect(book.inForce(first.space)).toMatchObject({ code: 'ROUTE_EXCEPTION_EXPIRED' });
  });
});
