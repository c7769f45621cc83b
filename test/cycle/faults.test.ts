/** Which faults a space outlives, and which end the node, so that the service manager starts it anew. */
import { mkdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { DongboError } from '#agent/core/errors.ts';
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
const clock = { ...systemClock, sleep: (ms: number, s: AbortSignal) => systemClock.sleep(ms / 50, s) };

/** Runs a space whose first apply step throws; resolves with what was told, rejects with what ended it. */
async function runWith(fault: unknown): Promise<readonly string[]> {
  await using dir = await temporaryDir();
  const root = `${dir.path}/folder`;
  await mkdir(root);
  const codes: string[] = [];
  const emit = (event: AgentEvent) => {
    if (event.type === 'error') codes.push(event.code);
    if (event.type === 'halted') codes.push(`halted ${event.halt.code}`);
    if (event.type === 'halt.ended') codes.push(`ended ${event.code}`);
  };
  await using store = await FolderStore.open({
    root,
    space,
    node,
    disk: nodeDisk,
    clock,
    exclude: [],
    own: [],
    emit,
  });
  let turns = 0;
  const steps: Steps = {
    agreement: () => undefined,
    mayPublish: async () => true,
    look: async () => ({ seen: 0, changed: 0, unquiet: new Set() }),
    apply: async () => {
      turns += 1;
      if (turns === 1) throw fault;
      return { again: false, waiting: 1, applied: 0, problems: 0 };
    },
    acknowledge: async () => undefined,
    adopted: async () => undefined,
    putOff: new PutOff(clock),
  };
  const stop = new AbortController();
  const run = new SpaceCycle({ space, store, clock, emit, steps, turns: new TurnWatch(clock) }).run(
    stop.signal,
  );
  await Promise.race([run, until(() => turns > 2)]);
  stop.abort(new Error('done'));
  await run;
  return codes;
}

it.each([
  [new DongboError('STORE_LIST_FAILED', { errno: 'EIO' }), 'STORE_LIST_FAILED'],
  [Object.assign(new Error('full'), { code: 'ENOSPC', errno: -28, syscall: 'fsync' }), 'SPACE_DISK_ERROR'],
])('%s is told, and the space goes on', async (fault, code) => {
  expect(await runWith(fault)).toEqual([code]);
});

it.each(['STATE_WRITE_FAILED', 'STATE_DAMAGED'])('%s ends the node', async (code) => {
  await expect(runWith(new DongboError(code))).rejects.toMatchObject({ code });
});

it.each([
  [new DongboError('INVARIANT', { what: 'this' })],
  [new TypeError('x is not a function')],
  [new Error('of a library')],
])('a fault of our own (%s) halts the space by name until a turn goes through', async (fault) => {
  expect(await runWith(fault)).toEqual(['halted OWN_FAULT', 'ended OWN_FAULT']);
});
