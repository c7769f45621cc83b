/** The writer: durable before it is told, in order, bounded, and back by itself. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readHead } from '#agent/audit/head-file.ts';
import { parseNodeId } from '#agent/core/ids.ts';
import { diskWith, errno } from '#test/apply/disk-with-faults.ts';
import { LogUnderTest } from './writer.ts';

it('tells of a record only when the record and the head over it are fsynced', async () => {
  const calls: string[] = [];
  const disk = diskWith((call, path) => void calls.push(`${call} ${path.replace(/.*\//, '')}`));
  await using t = await LogUnderTest.create({ disk });
  await t.log.append('first', {});
  calls.length = 0;
  await t.log.append('second', {}).then(() => calls.push('told'));
  const order = ['write', 'sync', 'rename', 'syncDir'].map((call) =>
    calls.findLastIndex((c) => c.startsWith(call)),
  );
  expect(calls.findIndex((c) => /^sync .*jsonl/.test(c))).toBeLessThan(
    calls.findIndex((c) => c.startsWith('rename')),
  );
  expect(calls.at(-1)).toBe('told');
  expect(order.every((at) => at >= 0)).toBe(true);
});

it('writes what comes together in one group', async () => {
  let syncs = 0;
  const disk = diskWith((call, path) => {
    if (call === 'sync' && path.endsWith('.jsonl')) syncs += 1;
  });
  await using t = await LogUnderTest.create({ disk });
  await Promise.all(Array.from({ length: 200 }, (_, i) => t.log.append('r', { i })));
  expect(syncs).toBe(1);
  expect(await t.verify()).toMatchObject({ last: 200, fault: undefined });
});

it('gives each record a time of its own, and notes a clock that went back (R24)', async () => {
  await using t = await LogUnderTest.create();
  await Promise.all([1, 2, 3].map((n) => t.log.append('r', { n })));
  t.clock.ms -= 3_600_000;
  await t.log.append('r', { n: 4 });
  t.clock.ms += 1;
  await t.log.append('r', { n: 5 });
  await t.restart();
  await t.log.append('r', { n: 6 });
  const records = (await t.lines()).map((l) => JSON.parse(l) as { time: string; type: string });
  const times = records.map(({ time }) => time);
  expect(new Set(times).size).toBe(times.length);
  expect(times.toSorted()).toEqual(times);
  // Once for the jump, and once more by the writer that finds the log ahead of its clock.
  expect(records.map(({ type }) => type).filter((type) => type === 'CLOCK_ROLLBACK')).toHaveLength(2);
  expect((await t.verify()).fault).toBeUndefined();
});

it('does not begin anew where its head is gone, or is that of another node', async () => {
  await using t = await LogUnderTest.create();
  await t.write(1);
  t.clock.ms += 40 * 86_400_000;
  await t.write(1);
  const { disk, dir } = t.parts;
  expect(await readHead(disk, dir, t.parts)).toMatchObject({ node: t.parts.node });
  expect(await readHead(disk, dir, { ...t.parts, node: parseNodeId('cd'.repeat(32)) })).toBe('invalid');
  const before = await t.lines();
  await rm(join(dir, 'head.json'));
  await t.restart();
  await expect(t.log.append('r', {})).rejects.toMatchObject({ code: 'AUDIT_DAMAGED' });
  expect(await t.lines()).toEqual(before);
});

it('begins a new file each month, and when one is large', async () => {
  await using t = await LogUnderTest.create({ maxBytes: 65_536 });
  await t.write(1);
  t.clock.ms += 40 * 86_400_000;
  await t.write(60);
  const months = new Set((await t.files()).map((name) => name.slice(0, 7)));
  expect(months.size).toBe(2);
  expect((await t.files()).length).toBeGreaterThan(2);
  expect((await t.verify()).fault).toBeUndefined();
});

it.each(['write', 'sync', 'rename'] as const)(
  'refuses while %s fails, and goes on by itself',
  async (fails) => {
    let broken = false;
    const disk = diskWith((call) => {
      if (broken && call === fails) throw errno('ENOSPC');
    });
    await using t = await LogUnderTest.create({ disk });
    await t.write(2);
    broken = true;
    const long = { text: 'x'.repeat(900) };
    const group = await Promise.allSettled([1, 2, 3].map(() => t.log.append('r', long)));
    expect(group).toMatchObject(group.map(() => ({ reason: { code: 'AUDIT_UNWRITABLE' } })));
    expect(t.log.fault).toMatchObject({ code: 'AUDIT_UNWRITABLE', details: { errno: 'ENOSPC' } });
    await expect(t.log.append('r', {})).rejects.toMatchObject({ code: 'AUDIT_UNWRITABLE' });
    broken = false;
    await t.write(2);
    expect(t.log.fault).toBeUndefined();
    expect((await t.verify()).fault).toBeUndefined();
    expect((await t.types()).filter((type) => type === 'supplied')).toHaveLength(4);
  },
);

it('cuts off what a crash left beyond the head, and says so', async () => {
  await using t = await LogUnderTest.create();
  await t.write(2);
  await t.append(`{"seq":3,"time":"torn${'x'.repeat(2000)}\n${'y\n'.repeat(200)}z`);
  await t.restart();
  await t.write(1);
  expect(await t.types()).toEqual(['supplied', 'supplied', 'log.recovered', 'supplied']);
  expect((await t.verify()).fault).toBeUndefined();
});

it('stops for good on a log that does not reach its head, or goes far beyond it', async () => {
  await using t = await LogUnderTest.create();
  await t.write(3);
  const file = await t.only();
  const sound = await readFile(file, 'utf8');
  const shorter = sound.slice(0, sound.indexOf('\n') + 1);
  for (const text of [shorter, sound.replace('H29.13', 'H29.14'), sound + 'x\n'.repeat(300)]) {
    await writeFile(file, text);
    await t.restart();
    await expect(t.log.append('r', {})).rejects.toMatchObject({ code: 'AUDIT_DAMAGED' });
    expect(t.log.fault?.code).toBe('AUDIT_DAMAGED');
    expect(await readFile(file, 'utf8')).toBe(text);
  }
  await writeFile(file, sound);
  await t.restart();
  await t.write(1);
  await writeFile(join(t.dir, 'head.json'), '{}');
  await t.restart();
  await expect(t.log.append('r', {})).rejects.toMatchObject({ code: 'AUDIT_DAMAGED' });
});

it('is full at 100 % for sharing, with room left for decisions (R23)', async () => {
  await using t = await LogUnderTest.create({ maxBytes: 65_536 });
  const share = () => t.log.append('supplied', { agency: 'H29.13' }, 'sharing');
  while (t.log.fault === undefined) await share();
  expect(t.log.used.bytes).toBeLessThanOrEqual(65_536);
  await t.log.append('sharing.stopped', {});
  expect(t.log.fault?.code).toBe('AUDIT_FULL');
  await expect(share()).rejects.toMatchObject({ code: 'AUDIT_FULL' });
  let decisions = 0;
  while (
    await t.log.append('log.read', {}).then(
      () => true,
      () => false,
    )
  )
    decisions += 1;
  expect(decisions).toBeLessThan(60);
  await t.restart();
  await t.log.append('r', {}).catch(() => undefined);
  expect(t.log.fault?.code).toBe('AUDIT_FULL');
});
