/** R22: what is older than asked goes, whole files at a time, and the chain still verifies. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { diskWith, errno } from '#test/apply/disk-with-faults.ts';
import { LogUnderTest } from './writer.ts';

const month = 31 * 86_400_000;

async function fifteenMonths(t: LogUnderTest): Promise<void> {
  for (let i = 0; i < 15; i++) {
    t.clock.ms += month;
    await t.write(2);
  }
}

it('keeps twelve whole months, removes the older files, and says where the chain now starts', async () => {
  await using t = await LogUnderTest.create();
  await fifteenMonths(t);
  const before = await t.files();
  await t.log.retain(12);
  const after = await t.files();
  expect(before.slice(0, 2)).toEqual(before.filter((name) => !after.includes(name)));
  expect((await t.types()).filter((type) => type === 'log.removed')).toHaveLength(2);
  expect(await t.verify()).toMatchObject({ first: 5, fault: undefined });
  await t.restart();
  await t.write(1);
  expect((await t.verify()).fault).toBeUndefined();
});

it('removes nothing because a clock jumped ahead', async () => {
  await using t = await LogUnderTest.create();
  await fifteenMonths(t);
  await t.log.retain(12);
  const before = await t.files();
  const right = t.clock.ms;
  t.clock.ms += 60 * month;
  await t.write(1);
  await t.log.retain(12);
  t.clock.ms = right;
  await t.write(60);
  await t.log.retain(12);
  // The month that is over has made one more file old; no more than that.
  expect(await t.files()).toEqual(expect.arrayContaining(before.slice(1)));
  expect((await t.verify()).fault).toBeUndefined();
});

it('removes nothing when the removal cannot be put on record', async () => {
  let broken = false;
  const disk = diskWith((call) => {
    if (broken && call === 'write') throw errno('ENOSPC');
  });
  await using t = await LogUnderTest.create({ disk });
  await fifteenMonths(t);
  const before = await t.files();
  broken = true;
  await expect(t.log.retain(12)).rejects.toMatchObject({ code: 'AUDIT_UNWRITABLE' });
  expect(await t.files()).toEqual(before);
});

it('takes an old file that somebody else removed for what it is', async () => {
  await using t = await LogUnderTest.create();
  await fifteenMonths(t);
  await t.log.retain(12);
  await rm(join(t.dir, (await t.files())[0] ?? 'none'));
  expect((await t.verify()).fault).toMatchObject({ code: 'AUDIT_RECORD_MISSING' });
});
