/** A space keeps the suite of its first agreement for life. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Agreement } from '#agent/core/agreement.ts';
import { suiteNames } from '#agent/core/suite-name.ts';
import { acceptedText } from '#agent/seal/acceptance.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { draft, makeParties, SetClock, tempDir } from './parties.ts';

let a: Identity;
let b: Identity;
let signed: Record<string, Agreement>;

beforeAll(async () => {
  [a, b] = await makeParties('H29.1', 'H29.2');
  const members = [[a, 'publish'] as const, [b, 'subscribe'] as const] as const;
  const of = (suite: string) => signAgreement(draft(members, { suite }), a);
  signed = { 'nacl-pq': await of('nacl-pq'), 'vn-civil': await of('vn-civil') };
});

const agreementOf = (suite: string): Agreement => {
  const found = signed[suite];
  if (!found) throw new Error(suite);
  return found;
};

describe.each(suiteNames)('a space of suite %s', (suite) => {
  const other = suiteNames.find((name) => name !== suite) ?? suite;
  const refusal = { code: 'AGREEMENT_SUITE_CHANGED', details: { suite: other, before: suite } };
  const openBook = (dir: string) => AgreementBook.open(dir, b, new SetClock());

  it('takes no agreement of the other suite, even when its own is damaged or gone', async () => {
    await using dir = await tempDir();
    const [ours, theirs] = [agreementOf(suite), agreementOf(other)];
    const book = await openBook(dir.path);
    expect(book.suiteOf(ours.space)).toBeUndefined();
    await book.accept(ours);
    expect(book.suiteOf(ours.space)).toBe(suite);
    await expect(book.accept(theirs)).rejects.toMatchObject(refusal);
    await rm(join(dir.path, `${ours.space}.suite`));
    await book.reload();
    await expect(book.accept(theirs)).rejects.toMatchObject(refusal);
    await writeFile(join(dir.path, `${ours.space}.suite`), `${suite}\n`);
    const file = join(dir.path, `${ours.space}.json`);
    await writeFile(file, '{}');
    await book.reload();
    expect(book.suiteOf(ours.space)).toBe(suite);
    await expect(book.accept(theirs)).rejects.toMatchObject(refusal);
    await rm(file);
    await expect((await openBook(dir.path)).accept(theirs)).rejects.toMatchObject(refusal);
    const again = await openBook(dir.path);
    await again.accept(ours);
    expect(again.inForce(ours.space)).toEqual(ours);
  });

  it('has no agreement in force whose file was put in place of the first one', async () => {
    await using dir = await tempDir();
    const [ours, theirs] = [agreementOf(suite), agreementOf(other)];
    const book = await openBook(dir.path);
    await book.accept(ours);
    const file = join(dir.path, `${ours.space}.json`);
    await writeFile(file, acceptedText(theirs, b, new SetClock().now()));
    await book.reload();
    expect(book.inForce(ours.space)).toMatchObject({ code: 'AGREEMENT_SUITE_CHANGED' });
    expect((await openBook(dir.path)).inForce(ours.space)).toMatchObject({ code: 'AGREEMENT_SUITE_CHANGED' });
  });

  it('is refused while what pins its suite cannot be read', async () => {
    await using dir = await tempDir();
    const ours = agreementOf(suite);
    await (await openBook(dir.path)).accept(ours);
    const pin = join(dir.path, `${ours.space}.suite`);
    expect(await readFile(pin, 'utf8')).toBe(`${suite}\n`);
    for (const text of ['', 'none\n', suite, `${suite}\n\n`]) {
      await writeFile(pin, text);
      const book = await openBook(dir.path);
      expect(book.inForce(ours.space)).toMatchObject({ code: 'AGREEMENT_SUITE_DAMAGED' });
      await expect(book.accept(ours)).rejects.toMatchObject({ code: 'AGREEMENT_SUITE_DAMAGED' });
    }
  });
});
