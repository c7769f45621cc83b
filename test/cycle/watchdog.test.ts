/** A whole agent and its watchdog: well while it is idle or at work, however long; not when a turn hangs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runAgent } from '#agent/agent.ts';
import { parseConfig } from '#agent/cli/config.ts';
import { hangsAfterMs, TurnWatch } from '#agent/cycle/turn-watch.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import { createIdentity } from '#agent/seal/identity.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { systemClock } from '#agent/sys/clock.ts';
import type { Disk, DiskFile } from '#agent/sys/disk.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import type { Notifier } from '#agent/sys/notify.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { until } from '#test/exchange/until.ts';
import { overlaid } from '#test/sys/overlaid.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { draft, makeParties, startMs } from '#test/trust/parties.ts';

/** Time that a test moves; sleeping takes as long as it takes. */
class LeapClock implements Clock {
  leapt = 0;
  now = (): number => startMs;
  monotonic = (): number => systemClock.monotonic() + this.leapt;
  sleep = systemClock.sleep;
}

/** Reads of a file go through one at a time, when they are let. */
class Gate {
  waiting: (() => void)[] = [];
  shut = true;

  disk(): Disk {
    const openRead = async (path: string): Promise<DiskFile> => {
      const file = await nodeDisk.openRead(path);
      const read = async (into: Uint8Array, position: number) => {
        if (this.shut && path.endsWith('dài.bin'))
          await new Promise<void>((resolve) => this.waiting.push(resolve));
        return file.read(into, position);
      };
      return {
        read,
        write: file.write.bind(file),
        writeAll: file.writeAll.bind(file),
        stat: () => file.stat(),
        truncate: file.truncate.bind(file),
        sync: () => file.sync(),
        [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
      };
    };
    return overlaid({ openRead });
  }

  letOne(): void {
    this.waiting.shift()?.();
  }

  open(): void {
    this.shut = false;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

async function running(gate: Gate) {
  const owned = new AsyncDisposableStack();
  const dir = owned.use(await temporaryDir()).path;
  const [state, folder] = [join(dir, 'state'), join(dir, 'folder')];
  await mkdir(folder);
  await mkdir(join(state, 'keys'), { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'dài.bin'), new Uint8Array(4 * 1024 * 1024));
  const clock = new LeapClock();
  const random = systemRandom;
  const me = await createIdentity(
    join(state, 'keys'),
    { agency: 'H29.12', name: 'Sở Nội vụ' },
    { clock, random },
  );
  const [other] = await makeParties('H29.13');
  const agreement = await signAgreement(
    draft([
      [me, 'publish'],
      [other, 'subscribe'],
    ]),
    me,
  );
  await (await AgreementBook.open(join(state, 'agreements'), me, clock)).accept(agreement);
  const { space } = agreement;
  const text = `state: ${state}\nstatus:\n  port: 0\nspaces:\n  - space: '${space}'\n    folder: ${folder}\n`;
  const { config } = parseConfig('agent.yaml', text);
  const told: string[] = [];
  const line = (event: string) => void told.push(event);
  const log = { error: line, warn: line, info: line, debug: line };
  const stop = new AbortController();
  const wells = Promise.withResolvers<() => boolean>();
  const notify: Notifier = {
    ready: async () => undefined,
    status: async () => undefined,
    stopping: async () => undefined,
    watchdog: async (well) => wells.resolve(well),
  };
  const deps = { clock, random, disk: gate.disk(), log, notify, version: '0', configFile: '/none.yaml' };
  const over = runAgent(config, deps, stop.signal);
  owned.defer(async () => {
    stop.abort(new Error('done'));
    gate.open();
    await over;
  });
  const well = await Promise.race([wells.promise, over.then(() => expect.unreachable())]);
  return { clock, told, well, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

it('a turn that reads a large file slowly is well; one that stays in a read is not, and says so', async () => {
  const gate = new Gate();
  await using agent = await running(gate);
  const { clock, well, told } = agent;
  for (let i = 0; i < 3; i++) {
    await until(() => gate.waiting.length === 1);
    expect(well()).toBe(true);
    clock.leapt += hangsAfterMs - 10_000;
    expect(well()).toBe(true);
    gate.letOne();
  }
  await until(() => gate.waiting.length === 1);
  clock.leapt += hangsAfterMs + 10_000;
  expect(well()).toBe(false);
  expect(told).toContain('SPACE_HANGS');
  gate.open();
  await until(() => told.includes('published'));
  await until(well);
  // At rest it waits as long as it likes.
  clock.leapt += 10 * hangsAfterMs;
  await until(well);
});

it('what arrives is a sign of life, in a turn', async () => {
  const clock = new LeapClock();
  const turns = new TurnWatch(clock);
  turns.note();
  clock.leapt += 2 * hangsAfterMs;
  expect(turns.hangs()).toBe(false);
  const chunks = (async function* () {
    for (let i = 0; i < 3; i++) {
      clock.leapt += hangsAfterMs - 1000;
      yield i;
    }
    clock.leapt += hangsAfterMs + 1000;
  })();
  const seen: boolean[] = [];
  await turns.turn(async () => {
    for await (const _ of turns.noting(chunks)) seen.push(turns.hangs());
    seen.push(turns.hangs());
  });
  expect(seen).toEqual([false, false, false, true]);
  expect(turns.hangs()).toBe(false);
});
