/** R22: any byte that changed, any record that is gone, and an end cut off, are found and placed. */
import { execFileSync } from 'node:child_process';
import { readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { type AuditRecord, recordLine } from '#agent/audit/record.ts';
import { LogUnderTest } from './writer.ts';

it('passes a log that is whole, and an empty one', async () => {
  await using t = await LogUnderTest.create();
  expect(await t.verify()).toMatchObject({ first: 0, fault: undefined });
  await t.write(5);
  expect(await t.verify()).toMatchObject({ first: 1, last: 5, head: { seq: 5 }, fault: undefined });
});

const flips = [0x01, 0x20, 0x80];

it('finds every single byte that changed, and names the file and the record', async () => {
  await using t = await LogUnderTest.create();
  await t.write(2);
  const file = await t.only();
  const sound = await readFile(file);
  const seqAt = (at: number) => sound.subarray(0, at).toString('latin1').split('\n').length;
  for (let at = 0; at < sound.length; at++) {
    const changed = Buffer.from(sound);
    changed[at] = (changed[at] ?? 0) ^ (flips[at % flips.length] ?? 0);
    await t.put(file, changed);
    const { fault } = await t.verify();
    expect(fault?.file, `byte ${at}`).toBe(basename(file));
    expect([seqAt(at), seqAt(at) + 1], `byte ${at}`).toContain(fault?.seq);
  }
});

it('finds every single byte of the head that changed', async () => {
  await using t = await LogUnderTest.create();
  await t.write(1);
  const head = join(t.dir, 'head.json');
  const sound = await readFile(head);
  for (let at = 0; at < sound.length; at++) {
    const changed = Buffer.from(sound);
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    await t.put(head, changed);
    expect((await t.verify()).fault, `byte ${at}`).toMatchObject({ code: 'AUDIT_HEAD_INVALID' });
  }
});

it('finds a record that was taken out, wherever it stood', async () => {
  await using t = await LogUnderTest.create();
  await t.write(5);
  const file = await t.only();
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  for (const i of lines.keys()) {
    await t.put(file, `${lines.filter((_, j) => j !== i).join('\n')}\n`);
    const code = i === lines.length - 1 ? 'AUDIT_CUT_OFF' : 'AUDIT_RECORD_MISSING';
    expect((await t.verify()).fault).toMatchObject({ code, seq: i + 1 });
  }
});

it('finds the end cut off against the head, at every length, and a head that is gone', async () => {
  await using t = await LogUnderTest.create();
  await t.write(2);
  const file = await t.only();
  const sound = await readFile(file);
  for (let length = 0; length < sound.length; length += 1) {
    await t.put(file, sound.subarray(0, length));
    expect((await t.verify()).fault?.seq, `length ${length}`).toBe(
      sound.subarray(0, length).toString('latin1').split('\n').length,
    );
  }
  await t.put(file, sound);
  await rm(join(t.dir, 'head.json'));
  expect((await t.verify()).fault).toMatchObject({ code: 'AUDIT_HEAD_INVALID', file: 'head.json' });
});

it('finds a record that was written anew with a right hash, the last one too', async () => {
  await using t = await LogUnderTest.create();
  await t.write(3);
  const file = await t.only();
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  for (const [i, line] of lines.entries()) {
    const { hash: _, ...record } = JSON.parse(line) as AuditRecord;
    const forged = recordLine({ ...record, fields: { ...record.fields, agency: 'H29.99' } }).line;
    await t.put(file, `${lines.with(i, forged).join('\n')}\n`);
    const seq = Math.min(i + 2, lines.length);
    expect((await t.verify()).fault).toMatchObject({ code: 'AUDIT_RECORD_CHANGED', seq });
  }
});

it('finds a whole file that is gone', async () => {
  await using t = await LogUnderTest.create({ maxBytes: 65_536 });
  await t.write(100);
  const files = await t.files();
  expect(files.length).toBeGreaterThan(3);
  for (const gone of [files[0], files[1], files.at(-1)]) {
    const path = join(t.dir, gone ?? 'none');
    await rename(path, `${path}.away`);
    expect((await t.verify()).fault?.code).toMatch(/^AUDIT_(RECORD_MISSING|CUT_OFF)$/);
    await rename(`${path}.away`, path);
  }
  expect((await t.verify()).fault).toBeUndefined();
});

it('is checked with common tools, as the manual says', async () => {
  await using t = await LogUnderTest.create();
  await t.write(2);
  const [, second = ''] = await t.lines();
  const { hash } = JSON.parse(second) as { hash: string };
  const shell = `sed -n 2p "$1" | sed 's/,"hash":"[0-9a-f]*"}$/}/' | tr -d '\\n' | sha256sum`;
  expect(execFileSync('sh', ['-c', shell, 'sh', await t.only()], { encoding: 'utf8' })).toContain(hash);
});
