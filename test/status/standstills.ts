/** Real parts brought to a standstill: the halts and faults that they tell of. */
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { destroyedCursor, tooManyWithdrawn } from '#agent/apply/withdraw.ts';
import type { Details, Halt, HaltCode } from '#agent/core/errors.ts';
import { ignoreFile } from '#agent/store/ignore.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { type DiskCall, diskWith, errno } from '#test/apply/disk-with-faults.ts';
import { LogUnderTest } from '#test/audit/writer.ts';
import { AuditNode, look } from '#test/cycle/audit-node.ts';
import { agree } from '#test/cycle/node.ts';
import type { SpaceNode } from '#test/cycle/space-node.ts';
import { ThreeMembers } from '#test/cycle/three-members.ts';
import { openFolder } from '#test/store/folder-under-test.ts';
import { SetClock } from '#test/trust/parties.ts';

export interface Standstill {
  readonly halt?: Halt;
  readonly fault?: { readonly code: string; readonly details: Details; readonly since: number };
}

/** What A's cycle tells once it tells of something. */
async function stopOf(node: SpaceNode): Promise<Standstill> {
  const told = () => {
    const { halt, fault } = node.space.cycle.facts();
    return { ...(halt ? { halt } : {}), ...(fault ? { fault } : {}) };
  };
  await node.until(() => Object.keys(told()).length > 0);
  return told();
}

async function withDisk(disk: Disk): Promise<Standstill> {
  await using three = await ThreeMembers.open();
  await three.put('a.txt');
  await three.a.settle();
  await three.put('b.txt');
  await three.stop(0);
  return await stopOf(await three.start(0, { disk }));
}

const failing = (inside: string, code: string): Disk =>
  diskWith((call, path) => {
    if (call === 'open' && path.includes(inside)) throw errno(code);
  });

const names = Array.from({ length: 40 }, (_, i) => `tệp ${i}.txt`);

/** Of what has stood here since before this run. */
async function deletes(three: ThreeMembers, count: number): Promise<SpaceNode> {
  for (const name of names) await three.put(name);
  await three.sync(three.b);
  for (const at of [0, 1]) {
    await three.stop(at);
    await (await three.start(at)).settle();
  }
  for (const name of names.slice(0, count)) await rm(three.a.at(name));
  three.a.space.cycle.rescan();
  return three.a;
}

async function deleted(count: number): Promise<Standstill> {
  await using three = await ThreeMembers.open();
  return await stopOf(await deletes(three, count));
}

async function deletedByAnother(): Promise<Standstill> {
  await using three = await ThreeMembers.open();
  const a = await deletes(three, 30);
  await stopOf(a);
  await a.space.release();
  await a.settle();
  await a.bring(three.b);
  return await stopOf(three.b);
}

async function rootOf(spoil: (folder: Awaited<ReturnType<typeof openFolder>>) => Promise<void>, disk?: Disk) {
  await using folder = await openFolder(disk ? { disk } : {});
  if (!disk) await folder.store.adopt();
  await spoil(folder);
  return haltOr(await folder.store.check());
}

const haltOr = (halt: Halt | undefined): Standstill => (halt ? { halt } : {});

async function logPutBack(more: number): Promise<Standstill> {
  const { parties, agreement } = await agree(
    ['H29.12', 'publish', 'subscribe'],
    ['H29.13', 'publish', 'subscribe'],
  );
  const clock = new SetClock();
  await using a = await AuditNode.open(parties[0], agreement, clock);
  await using b = await AuditNode.open(parties[1] as (typeof parties)[0], agreement, clock);
  await a.write(3);
  const restore = await a.copyLog();
  await a.write(9);
  await look(a, b);
  await restore();
  await a.write(more);
  await look(a, b);
  await a.heads.keep();
  return haltOr(a.trail.halt());
}

async function log(parts: { maxBytes?: number; disk?: Disk }, damaged = false): Promise<Standstill> {
  await using t = await LogUnderTest.create(parts);
  if (damaged) {
    await t.write(2);
    await t.append('x\n'.repeat(300));
    await t.restart();
  }
  for (let i = 0; i < 40 && !t.log.fault; i += 1)
    await t.log.append('r', {}, 'sharing').catch(() => undefined);
  return haltOr(t.log.fault && { ...t.log.fault, needsRelease: false });
}

/** More than an agreement's other members may destroy here between two nights. */
async function withdrawn(): Promise<Standstill> {
  await using three = await ThreeMembers.open();
  const { state } = three.c.own;
  const batch = state.batch();
  batch.setCursor(destroyedCursor, 90);
  await batch.commit();
  return haltOr(await tooManyWithdrawn(state, 11));
}

/** Something comes, and the disk does not take it. */
async function receiving(call: DiskCall, inside: string, code: string): Promise<Standstill> {
  await using three = await ThreeMembers.open();
  await three.put('a.txt', 'x'.repeat(70_000));
  await three.a.settle();
  await three.stop(1);
  const disk = diskWith((at, path) => {
    if (at === call && path.includes(inside)) throw errno(code);
  });
  await three.start(1, { disk });
  await three.a.bring(three.b);
  return await stopOf(three.b);
}

async function ownFault(): Promise<Standstill> {
  await using three = await ThreeMembers.open();
  three.a.own.state.pendingCount = () => {
    throw new TypeError('nobody foresaw this');
  };
  return await stopOf(three.a);
}

export const halts: Readonly<Record<HaltCode, () => Promise<Standstill>>> = {
  AUDIT_CUT_OFF: () => logPutBack(0),
  AUDIT_DAMAGED: () => log({}, true),
  AUDIT_FULL: () => log({ maxBytes: 12_000 }),
  AUDIT_REPLACED: () => logPutBack(30),
  AUDIT_UNWRITABLE: () => log({ disk: failing('audit', 'EACCES') }),
  DISK_FULL: () => receiving('write', '/stage/', 'ENOSPC'),
  MASS_DELETE_INCOMING: deletedByAnother,
  MASS_DELETE_LOCAL: () => deleted(30),
  MASS_WITHDRAWAL: withdrawn,
  OWN_FAULT: ownFault,
  // Another disk is mounted in its place.
  STORE_ROOT_FOREIGN: () =>
    rootOf(async ({ root }) => {
      await rm(root, { recursive: true });
      await mkdir(root);
    }),
  // The disk is not mounted, or the device is away.
  STORE_ROOT_GONE: () => rootOf(({ root }) => rm(root, { recursive: true })),
  STORE_ROOT_OVERLAPS: async () => {
    await using around = await openFolder();
    await mkdir(join(around.root, 'state'));
    const own = [{ name: 'state', path: join(around.root, 'state'), secret: true }];
    return haltOr(await (await around.reopen({ own })).check());
  },
  STORE_ROOT_UNREADABLE: () =>
    rootOf(
      async () => undefined,
      diskWith((call, path) => {
        if (call === 'lstat' && path.endsWith('/gốc')) throw errno('EIO');
      }),
    ),
  STORE_SUDDENLY_EMPTY: () => deleted(40),
};

const unadopted = diskWith((call, path) => {
  if (call === 'open' && path.endsWith('.tmp')) throw errno('EACCES');
});

export const faults: Readonly<Record<string, () => Promise<Standstill>>> = {
  FOLDER_UNWRITABLE: () => receiving('mkdir', '/.dongbo/stage', 'EROFS'),
  SPACE_DISK_ERROR: () => receiving('mkdir', '/.dongbo/stage', 'EIO'),
  STORE_ADOPT_FAILED: async () => {
    await using three = await ThreeMembers.open();
    await three.stop(2);
    return await stopOf(await three.start(2, { disk: unadopted }));
  },
  STORE_RULES_UNREADABLE: async () => {
    await using three = await ThreeMembers.open();
    await symlink('elsewhere', three.a.at(ignoreFile));
    return await stopOf(three.a);
  },
  STORE_LIST_FAILED: () =>
    withDisk(
      diskWith((call, path) => {
        if (call === 'list' && path.endsWith('/folder')) throw errno('EIO');
      }),
    ),
};

/** The agreement's file on the disk of a node, damaged. */
export const spoilAgreement = (dir: string, space: string): Promise<void> =>
  writeFile(join(dir, 'agreements', `${space}.json`), 'nothing of the kind');
