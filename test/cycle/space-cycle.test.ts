/** Turn after turn over a real folder: halts, who lifts them, and what a release is a word on. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Halt } from '#agent/core/errors.ts';
import type { AgentEvent } from '#agent/core/event.ts';
import { parseNodeId, parseSpaceId } from '#agent/core/ids.ts';
import { PutOff } from '#agent/cycle/put-off.ts';
import { SpaceCycle, type Steps } from '#agent/cycle/space-cycle.ts';
import { TurnWatch } from '#agent/cycle/turn-watch.ts';
import { FolderStore } from '#agent/store/folder.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { until } from '#test/exchange/until.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';

const space = parseSpaceId('5a'.repeat(16));
const node = parseNodeId('11'.repeat(32));
const quick = { ...systemClock, sleep: (ms: number, s: AbortSignal) => systemClock.sleep(ms / 50, s) };
const massDelete: Halt = { code: 'MASS_DELETE_LOCAL', details: {}, needsRelease: true };
const incoming: Halt = { code: 'MASS_DELETE_INCOMING', details: {}, needsRelease: true };
const diskFull: Halt = { code: 'DISK_FULL', details: {}, needsRelease: false };

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

async function running() {
  const dir = await temporaryDir();
  const folder = `${dir.path}/folder`;
  await mkdir(folder);
  const events: AgentEvent[] = [];
  const emit = (event: AgentEvent) => void events.push(event);
  const of = { root: folder, space, node, disk: nodeDisk, clock: quick, exclude: [], own: [], emit };
  const store = await FolderStore.open(of);
  const at = {
    looks: [] as boolean[],
    turns: 0,
    lookHalt: undefined as Halt | undefined,
    applyHalt: undefined as Halt | undefined,
    refusal: undefined as { code: string } | undefined,
  };
  const steps: Steps = {
    agreement: () => at.refusal,
    mayPublish: async () => true,
    look: async (_under, { released }) => {
      at.looks.push(released);
      const halt = released ? undefined : at.lookHalt;
      return { seen: 0, changed: 0, unquiet: new Set(), ...(halt ? { halt } : {}) };
    },
    apply: async () => ({
      again: false,
      waiting: 1,
      applied: 0,
      problems: 0,
      ...(at.applyHalt ? { halt: at.applyHalt } : {}),
    }),
    acknowledge: async () => {
      at.turns += 1;
    },
    adopted: async () => undefined,
    putOff: new PutOff(quick),
  };
  const cycle = new SpaceCycle({ space, store, clock: quick, emit, steps, turns: new TurnWatch(quick) });
  const stop = new AbortController();
  const run = cycle.run(stop.signal);
  cleanup.push(async () => {
    stop.abort(new Error('done'));
    await run;
    await store[Symbol.asyncDispose]();
    await dir[Symbol.asyncDispose]();
  });
  const told = () => events.flatMap((e) => (e.type === 'halted' ? [`halted ${e.halt.code}`] : endOf(e)));
  const turn = async () => {
    const before = at.turns;
    await until(() => at.turns > before);
  };
  const halted = (code: string) => until(() => cycle.facts().halt?.code === code);
  const goingOn = () => until(() => cycle.facts().halt === undefined && cycle.facts().lastScan !== undefined);
  await goingOn();
  return { at, cycle, folder, told, turn, halted, goingOn };
}

const endOf = (e: AgentEvent) =>
  e.type === 'halt.ended' || e.type === 'released' ? [`${e.type} ${e.code}`] : [];

describe('a halt that a person must lift', () => {
  it('stays until the release, which is believed once and told by whoever was asked', async () => {
    const { at, cycle, told, turn, halted, goingOn } = await running();
    at.lookHalt = massDelete;
    cycle.rescan();
    await halted('MASS_DELETE_LOCAL');
    // Only the deletes wait: what else changes is looked at, and what others sent is applied.
    const looks = at.looks.length;
    cycle.rescan();
    await until(() => at.looks.length > looks);
    await turn();
    expect(await cycle.release()).toBe('MASS_DELETE_LOCAL');
    await goingOn();
    await until(() => at.looks.at(-1) === true);
    cycle.rescan();
    await halted('MASS_DELETE_LOCAL');
    expect(at.looks.at(-1)).toBe(false);
    expect(told()).toEqual(['halted MASS_DELETE_LOCAL', 'halted MASS_DELETE_LOCAL']);
  });

  it('has nothing to release when there is none', async () => {
    const { cycle } = await running();
    expect(await cycle.release()).toBeUndefined();
  });

  it('is no word on the deletes of this node when it was about those of others, or a strange root', async () => {
    const { at, cycle, folder, halted, goingOn } = await running();
    at.applyHalt = incoming;
    cycle.rescan();
    await halted('MASS_DELETE_INCOMING');
    at.applyHalt = undefined;
    expect(await cycle.release()).toBe('MASS_DELETE_INCOMING');
    await goingOn();
    await rm(folder, { recursive: true });
    await mkdir(folder);
    cycle.rescan();
    await halted('STORE_ROOT_FOREIGN');
    at.lookHalt = massDelete;
    expect(await cycle.release()).toBe('STORE_ROOT_FOREIGN');
    await halted('MASS_DELETE_LOCAL');
    expect(at.looks).not.toContain(true);
  });
});

describe('a halt that lifts itself', () => {
  it('ends when the root is back, and is told as such', async () => {
    const { cycle, folder, told, halted, goingOn } = await running();
    await rename(folder, `${folder}.away`);
    cycle.rescan();
    await halted('STORE_ROOT_GONE');
    expect(await cycle.release()).toBeUndefined();
    await rename(`${folder}.away`, folder);
    await goingOn();
    expect(told()).toEqual(['halted STORE_ROOT_GONE', 'halt.ended STORE_ROOT_GONE']);
  });

  it('lasts as long as its cause: a full disk is told once', async () => {
    const { at, cycle, told, turn, halted, goingOn } = await running();
    at.applyHalt = diskFull;
    await halted('DISK_FULL');
    for (let i = 0; i < 3; i++) await turn();
    expect(cycle.facts().halt?.code).toBe('DISK_FULL');
    at.applyHalt = undefined;
    await goingOn();
    expect(told()).toEqual(['halted DISK_FULL', 'halt.ended DISK_FULL']);
  });
});

it('nothing is looked at without an agreement in force', async () => {
  const { at, cycle } = await running();
  at.refusal = { code: 'AGREEMENT_EXPIRED' };
  await new Promise((done) => setTimeout(done, 200));
  const looks = at.looks.length;
  for (let i = 0; i < 3; i++) cycle.rescan();
  await new Promise((done) => setTimeout(done, 200));
  expect(at.looks).toHaveLength(looks);
});

it('is watched once the store hints', async () => {
  const { cycle } = await running();
  await until(() => cycle.facts().watched);
});
