/** R22: what peers remember of this node's log, held against it: cut at every length, replaced, acknowledged. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { acknowledgement, hashesAt } from '#agent/audit/find-records.ts';
import { readWitnesses, type Witness, witnessPath, writeWitnesses } from '#agent/audit/witness-file.ts';
import type { AuditHead } from '#agent/core/audit-head.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { systemRandom as random } from '#agent/sys/random.ts';
import { nodeNamed } from '#test/exchange/sample-feed.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { LogUnderTest } from './writer.ts';

const peer = nodeNamed('peer');
const witnessOf = (head: AuditHead | undefined): Witness => {
  if (!head) throw new Error('no head');
  return { peer, agency: 'H29', head };
};

/** The head of the log as it stands. */
async function witness(t: LogUnderTest): Promise<Witness> {
  return witnessOf(t.log.head);
}

/** Puts the whole directory back to how it was after `before` records, signed head and all. */
async function putBack(t: LogUnderTest, before: () => Promise<void>, after: () => Promise<void>) {
  await before();
  await t.restart();
  await cp(t.dir, `${t.dir}.old`, { recursive: true });
  await after();
  const remembered = await witness(t);
  await t.restart();
  await rm(t.dir, { recursive: true });
  await cp(`${t.dir}.old`, t.dir, { recursive: true });
  return remembered;
}

it('is silent about what peers remember and the log holds', async () => {
  await using t = await LogUnderTest.create();
  await t.write(3);
  const third = await witness(t);
  await t.write(2);
  expect(await t.verify([third])).toMatchObject({ fault: undefined, borneOut: 3 });
  expect(await t.verify([third, await witness(t)])).toMatchObject({ fault: undefined, borneOut: 5 });
});

it('names the end that was cut off together with its head, at every record', async () => {
  for (let kept = 1; kept < 6; kept += 1) {
    await using t = await LogUnderTest.create();
    const remembered = await putBack(
      t,
      () => t.write(kept),
      () => t.write(6 - kept),
    );
    // The log alone is whole: only the peer knows.
    expect((await t.verify()).fault).toBeUndefined();
    expect((await t.verify([remembered])).fault).toEqual({
      ...{ code: 'AUDIT_CUT_OFF', file: basename(await t.only()), seq: kept + 1 },
      ...{ witness: 'H29', signed: 6 },
    });
  }
});

it('names the record that another stands for, when the log was cut and has grown again', async () => {
  await using t = await LogUnderTest.create();
  const remembered = await putBack(
    t,
    () => t.write(2),
    () => t.write(2),
  );
  await t.restart();
  await t.write(5, 'forged');
  expect((await t.verify()).fault).toBeUndefined();
  expect((await t.verify([remembered])).fault).toMatchObject({
    ...{ code: 'AUDIT_REPLACED', seq: 4, witness: 'H29', signed: 4 },
  });
});

it('goes by the acknowledgement of a person, for what was signed before it and for nothing after', async () => {
  await using t = await LogUnderTest.create();
  const remembered = await putBack(
    t,
    () => t.write(2),
    () => t.write(2),
  );
  await t.restart();
  await t.write(1);
  t.clock.ms += 60_000;
  await t.log.append(acknowledgement, { remembered: 4, hash: remembered.head.hash, by: 'officer' });
  expect(await t.verify([remembered])).toMatchObject({ fault: undefined, acknowledged: [remembered] });
  const later = { ...remembered.head, seq: 3, time: '2099-01-01T00:00:00.000000Z' };
  expect((await t.verify([witnessOf(later)])).fault).toMatchObject({ code: 'AUDIT_REPLACED', seq: 3 });
  const named = witnessOf({ ...remembered.head, time: '2099-01-01T00:00:00.000000Z' });
  expect(await t.verify([named])).toMatchObject({ fault: undefined, acknowledged: [named] });
  const again = await putBack(
    t,
    () => t.write(1),
    () => t.write(1),
  );
  expect((await t.verify([remembered, again])).fault).toMatchObject({ code: 'AUDIT_CUT_OFF', signed: 6 });
});

it('cannot hold against the log what retention has removed', async () => {
  await using t = await LogUnderTest.create();
  await t.write(1);
  const early = await witness(t);
  for (let month = 0; month < 15; month += 1) {
    t.clock.ms += 31 * 86_400_000;
    await t.write(1);
  }
  await t.log.retain(12);
  expect(await t.verify([early])).toMatchObject({ first: 4, fault: undefined, borneOut: 0 });
});

it('finds records by their numbers, in whatever file they are', async () => {
  await using t = await LogUnderTest.create({ maxBytes: 65_536 });
  await t.write(80);
  expect((await t.files()).length).toBeGreaterThan(2);
  const hashes = (await t.lines()).map((line) => (JSON.parse(line) as { hash: string }).hash);
  const { first, hashes: found } = await hashesAt(t.parts, new Set([1, 40, 80, 81]));
  expect(first).toBe(1);
  expect([...found]).toEqual([1, 40, 80].map((seq) => [seq, hashes[seq - 1]]));
});

it('keeps witnesses on disk, and believes none that this node has not signed', async () => {
  await using t = await LogUnderTest.create();
  await using state = await temporaryDir();
  await t.write(1);
  const sound = await witness(t);
  const forged = witnessOf({ ...sound.head, seq: 99 });
  await writeWitnesses(state.path, [forged, sound], { disk: nodeDisk, random });
  expect(await readWitnesses(state.path, t.parts)).toEqual([sound]);
  expect((await readFile(witnessPath(state.path), 'utf8')).length).toBeLessThan(4096);
  await writeFile(witnessPath(state.path), '{"v":1,"witnesses":[{}]}');
  expect(await readWitnesses(state.path, t.parts)).toEqual([]);
  await rm(join(state.path, 'audit-witnesses.json'));
  expect(await readWitnesses(state.path, t.parts)).toEqual([]);
});
