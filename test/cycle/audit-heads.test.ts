/** R22: peers remember each other's audit logs, and a log that was cut, put back or replaced is told at both ends. */
import { afterEach, expect, it } from 'vitest';
import { verifyLog } from '#agent/audit/verify.ts';
import { readWitnesses } from '#agent/audit/witness-file.ts';
import { auditDir } from '#agent/cycle/audit-parts.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { verifySignature } from '#agent/seal/verify.ts';
import { nodeDisk as disk } from '#agent/sys/node-disk.ts';
import { SetClock } from '#test/trust/parties.ts';
import { AuditNode, look } from './audit-node.ts';
import { agree } from './node.ts';

const owned: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function three(): Promise<{ a: AuditNode; b: AuditNode; c: AuditNode; clock: SetClock }> {
  const { parties, agreement } = await agree(
    ['H29.12', 'publish'],
    ['H29.13', 'subscribe'],
    ['H29', 'relay'],
  );
  const clock = new SetClock();
  const open = async (i: number) => {
    const node = await AuditNode.open(parties[i] as Identity, agreement, clock);
    owned.push(node);
    return node;
  };
  return { a: await open(0), b: await open(1), c: await open(2), clock };
}

async function verified(node: AuditNode) {
  const parts = { dir: auditDir(node.state), disk, node: node.me.node, verify: verifySignature };
  return verifyLog(parts, await readWitnesses(node.state, parts));
}

const minute = 60_001;

it('remembers the highest head of each peer, over restarts, and tells it to the peer', async () => {
  const { a, b } = await three();
  await a.write(3);
  await look(a, b);
  await a.write(2);
  await look(b, a);
  const head = a.trail.head();
  expect((await b.heads.words(a.me.node)).remembered.at(-1)).toEqual(head);
  await b.stop();
  await b.start();
  expect((await b.heads.words(a.me.node)).remembered.at(-1)).toEqual(head);
  await look(a, b);
  await a.heads.keep();
  expect(await verified(a)).toMatchObject({ fault: undefined, borneOut: head?.seq });
  expect([...a.codes(), ...b.codes()]).toEqual([]);
});

it('keeps a few heads of each peer, ever further apart', async () => {
  const { a, b } = await three();
  for (let i = 0; i < 60; i += 1) {
    await a.write(1);
    await look(a, b);
  }
  const seqs = (await b.heads.words(a.me.node)).remembered.map(({ seq }) => seq);
  const gaps = seqs.slice(1).map((seq, i) => seq - (seqs[i] ?? 0));
  expect(seqs).toHaveLength(8);
  expect(seqs.at(-1)).toBe(a.trail.head()?.seq);
  expect(Math.max(...gaps.slice(0, 3))).toBeGreaterThan(2 * Math.max(...gaps.slice(-3)));
});

it('takes nothing that the peer has not signed', async () => {
  const { a, b, c } = await three();
  await look(a, b);
  const before = (await b.heads.words(a.me.node)).remembered;
  const head = a.trail.head();
  if (!head) throw new Error('no head');
  await b.heads.hear(a.me.node, { head: { ...head, seq: 9999 }, remembered: [] });
  await b.heads.hear(a.me.node, { head: c.trail.head(), remembered: [] });
  // Nor does a lie about what this node has signed stop it.
  await a.heads.hear(b.me.node, { head: b.trail.head(), remembered: [{ ...head, seq: 9999 }] });
  expect((await b.heads.words(a.me.node)).remembered).toEqual(before);
  expect(b.codes()).toEqual(['PEER_AUDIT_HEAD_INVALID']);
  expect(await b.recordsOf('peer.log')).toMatchObject([
    { code: 'PEER_AUDIT_HEAD_INVALID', agency: 'H29.12' },
  ]);
  expect(a.trail.halt()).toBeUndefined();
});

/** A's log is put back to before what B remembers of it. */
async function putBack() {
  const nodes = await three();
  const { a, b, c } = nodes;
  await a.write(3);
  const restore = await a.copyLog();
  await a.write(5);
  await look(a, c);
  await a.write(5);
  await look(a, b);
  const signed = a.trail.head()?.seq;
  await restore();
  return { ...nodes, signed };
}

it('stops when its log was put back, also after a restart, until a person has acknowledged it', async () => {
  const { a, b, c, signed } = await putBack();
  const last = a.trail.head()?.seq ?? 0;
  await look(b, a);
  expect(a.trail.halt()).toEqual({
    code: 'AUDIT_CUT_OFF',
    needsRelease: true,
    details: { log: 'audit', seq: last + 1, witness: 'H29.13', signed },
  });
  expect(() => a.trail.mustBeWritable()).toThrow(expect.objectContaining({ code: 'AUDIT_CUT_OFF' }));
  expect(a.trail.facts().code).toBe('AUDIT_CUT_OFF');
  expect(await a.recordsOf('log.cut')).toMatchObject([{ agency: 'H29.13', remembered: signed, last }]);
  await a.heads.keep();
  expect((await verified(a)).fault).toMatchObject({ code: 'AUDIT_CUT_OFF', witness: 'H29.13', signed });
  await a.stop();
  await a.start();
  await a.heads.keep();
  expect(a.trail.halt()).toMatchObject({ code: 'AUDIT_CUT_OFF' });
  a.clock.ms += 60_000;
  expect(await a.heads.acknowledge('officer', 'put back from the copy of Sunday')).toBe('AUDIT_CUT_OFF');
  expect(a.trail.halt()).toBeUndefined();
  expect(await a.recordsOf('log.acknowledged')).toMatchObject([{ remembered: signed, by: 'officer' }]);
  expect(await verified(a)).toMatchObject({ fault: undefined, acknowledged: [{ agency: 'H29.13' }] });
  // Another peer remembers the same log, from before.
  await look(a, c);
  await look(a, b);
  await a.stop();
  await a.start();
  await a.heads.keep();
  await look(a, b);
  expect(a.trail.halt()).toBeUndefined();
  expect(await a.heads.acknowledge('officer', 'nothing')).toBeUndefined();
  expect((await verified(a)).fault).toBeUndefined();
});

it('stops when its log was put back and has outgrown what the peer remembers', async () => {
  const { a, b, signed } = await putBack();
  await a.write(20);
  await look(a, b);
  await a.heads.keep();
  expect(a.trail.halt()).toMatchObject({
    code: 'AUDIT_REPLACED',
    details: { seq: signed, witness: 'H29.13' },
  });
  expect((await verified(a)).fault).toMatchObject({ code: 'AUDIT_REPLACED', seq: signed });
});

it('tells of a peer whose log has become shorter, once, and on the record', async () => {
  const { a, b, clock, signed } = await putBack();
  await look(a, b);
  expect(b.codes()).toEqual([]);
  clock.ms += minute;
  for (let i = 0; i < 3; i += 1) await look(a, b);
  await b.stop();
  await b.start();
  await look(a, b);
  clock.ms += minute;
  await look(a, b);
  expect(b.heads.alarms()).toMatchObject([{ code: 'PEER_AUDIT_WENT_BACK', agency: 'H29.12' }]);
  expect(b.codes()).toEqual(['PEER_AUDIT_WENT_BACK']);
  const { seq: _, ...record } = (await b.recordsOf('peer.log'))[0] ?? {};
  expect(record).toEqual({
    ...{ code: 'PEER_AUDIT_WENT_BACK', agency: 'H29.12', peer: a.me.node, remembered: signed },
  });
  await a.heads.acknowledge('officer', 'put back');
  await a.write(20);
  await look(a, b);
  expect(b.heads.alarms()).toEqual([]);
});

it('takes an older head that crossed a newer one on the way for what it is', async () => {
  const { a, b, clock } = await three();
  const older = await a.heads.words(b.me.node);
  await a.write(3);
  await look(a, b);
  await b.heads.hear(a.me.node, older);
  clock.ms += minute;
  await look(a, b);
  await b.heads.hear(a.me.node, older);
  expect(b.codes()).toEqual([]);
  expect(a.trail.halt()).toBeUndefined();
});

it('tells of a peer that has signed two logs', async () => {
  const { a, b } = await three();
  const restore = await a.copyLog();
  await a.write(1);
  const twin = a.trail.head();
  await look(a, b);
  await restore();
  while ((a.trail.head()?.seq ?? 0) < (twin?.seq ?? 0)) await a.write(1);
  await look(a, b);
  expect(b.codes()).toEqual(['PEER_AUDIT_FORKED']);
  expect(await b.recordsOf('peer.log')).toMatchObject([{ code: 'PEER_AUDIT_FORKED', seq: twin?.seq }]);
  expect((await b.heads.words(a.me.node)).remembered).toContainEqual(twin);
  await a.heads.keep();
  expect(a.trail.halt()).toMatchObject({ code: 'AUDIT_REPLACED' });
});
