/** `dongbo keys` through a real control socket, over three members whose grants and removals are real. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '#agent/cli/program.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { KeyDesk } from '#agent/cycle/key-desk.ts';
import { ControlServer } from '#agent/status/control.ts';
import type { EpochLine } from '#agent/status/control-keys.ts';
import { type Clock, systemClock } from '#agent/sys/clock.ts';
import type { SpaceNode } from '#test/cycle/space-node.ts';
import { ThreeMembers } from '#test/cycle/three-members.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { captureIo } from './capture-io.ts';

const labels: readonly LabelRule[] = [
  { path: '/chung/', sensitivity: 'INTERNAL' },
  { path: '/b/', sensitivity: 'INTERNAL' },
  { path: '/hạn chế/', sensitivity: 'RESTRICTED' },
];
const changes = { label: { sensitivity: 'RESTRICTED', secrecy: 'NONE', personalData: 'NONE' } };
const levels = ['RESTRICTED', 'RESTRICTED', 'INTERNAL'];

let owned: AsyncDisposableStack;
let three: ThreeMembers;
let config: string;

beforeEach(async () => {
  owned = new AsyncDisposableStack();
  three = owned.use(await ThreeMembers.open({ changes, levels, labels, twoPublish: true }));
  const dir = owned.use(await temporaryDir());
  config = join(dir.path, 'agent.yaml');
  const { space } = three.agreement;
  await writeFile(
    config,
    `state: ${three.stateDir(0)}\nspaces:\n  - space: "${space}"\n    folder: ${three.a.root}\n`,
  );
});
afterEach(() => owned.disposeAsync());

/** The socket of A's agent; it waits for a rotation no longer than `waitMs`. */
async function answering(waitMs = 10_000): Promise<void> {
  const { a } = three;
  const clock: Clock = { ...systemClock, sleep: (_, signal) => systemClock.sleep(waitMs, signal) };
  const { book, keyring, own } = a;
  const decided: KeyDeskParts['decided'] = async (type, fields) => void a.decisions.push({ type, ...fields });
  const space = () => ({ own, epochs: a.space.epochs });
  const keys = new KeyDesk({ book, keyring, clock, space, decided });
  const nothing = async () => undefined;
  const path = join(three.stateDir(0), 'control.sock');
  owned.use(await ControlServer.listen({ path, commands: { release: nothing, rescan: nothing, keys } }));
}

type KeyDeskParts = ConstructorParameters<typeof KeyDesk>[0];

async function keys(...args: string[]) {
  const io = captureIo();
  const code = await runProgram(['keys', ...args, '--config', config], io);
  return { code, out: io.outLines, err: io.errLines.join('\n') };
}

const json = async (...args: string[]): Promise<Record<string, unknown>[]> => {
  const { code, out, err } = await keys(...args, '--format', 'json');
  expect([code, err]).toEqual([0, '']);
  return out.map((line) => JSON.parse(line));
};

/** Everything of all goes to all, and the receipts to A. */
async function syncAll(...nodes: SpaceNode[]): Promise<void> {
  for (const from of [three.a, three.b].filter((node) => nodes.includes(node))) {
    await from.settle();
    for (const to of nodes) if (to !== from) await from.bring(to);
  }
  for (const node of nodes) {
    await node.settle();
    await three.a.own.receipts.accept(node.own.origin.node, await node.own.state.receipts());
  }
}

/** C reads a part, A goes on, C is removed, A goes on. */
async function removal(): Promise<void> {
  const { a, b, c } = three;
  for (const path of ['chung/một.txt', 'chung/hai.txt', 'chung/xoá.txt', 'hạn chế/ba.txt'])
    await three.put(path);
  await three.put('b/của b.txt', 'b', b);
  await syncAll(a, b, c);
  await three.put('chung/hai.txt', 'hai, sửa trước khi rời');
  await rm(a.at('chung/xoá.txt'));
  await a.settle();
  await three.revise((members) => members.slice(0, -1), a, b);
  await three.put('chung/một.txt', 'một, sửa sau khi rời');
  await three.put('chung/mới.txt');
  await three.put('b/mới của b.txt', 'b', b);
  await syncAll(a, b);
}

const short = ({ publisherAgency, label, epoch, state, fetched, path, count }: Record<string, unknown>) =>
  [publisherAgency, label, epoch, state, fetched, path, count].map((v) => v ?? '-').join(' ');

describe('dongbo keys exposed', () => {
  const granted = ['H29.12 INTERNAL 1 granted - - -', 'H29.13 INTERNAL 1 granted - - -'];

  it('tells exactly what a removed member was able to read, by publisher, and what it fetched', async () => {
    await removal();
    await answering();
    const lines = await json('exposed', '--member', 'H29.14');
    expect(lines.map(short).sort()).toEqual(
      [
        ...granted,
        'H29.12 INTERNAL 1 live true chung 1',
        'H29.12 INTERNAL 1 superseded true chung/một.txt 1',
        'H29.12 INTERNAL 1 superseded true chung/hai.txt 1',
        'H29.12 INTERNAL 1 live false chung/hai.txt 1',
        'H29.12 INTERNAL 1 superseded true chung/xoá.txt 1',
        'H29.12 INTERNAL 1 deleted false chung/xoá.txt 1',
        'H29.13 INTERNAL 1 live true b 1',
        'H29.13 INTERNAL 1 live true b/của b.txt 1',
      ].sort(),
    );
    expect(three.a.decisions.at(-1)).toMatchObject({ type: 'keys.exposed', member: 'H29.14', by: 'tester' });
  });

  it('says the same in words and as CSV', async () => {
    await removal();
    await answering();
    const node = three.parties[2].node;
    const text = (await keys('exposed', '--member', node)).out;
    expect(text[1]).toContain(`Member H29.14 Sở H29.14 ${node.slice(0, 8)} could read`);
    expect(text.filter((line) => line.includes('"chung/hai.txt"'))).toHaveLength(2);
    expect(text).toContain('  H29.14 ← H29.12 INTERNAL epoch 1: 6 records in all');
    const csv = (await keys('exposed', '--member', 'H29.14', '--format', 'csv')).out;
    expect(csv[0]).toMatch(/space.*memberAgency.*path.*count/);
    expect(csv.filter((line) => line.includes('chung/hai.txt'))).toHaveLength(2);
    expect([...text, ...csv].filter((line) => /mới|hạn chế/.test(line))).toEqual([]);
  });

  it('counts what came before there was a ledger and is no longer known by name', async () => {
    await removal();
    // As a state that an older version left: no ledger, and a member that is still granted the old epoch.
    await three.stop(0);
    const old = await three.start(0);
    const entries: Uint8Array[] = [];
    const all = { gte: Buffer.of(0), lt: Buffer.of(255) };
    for await (const [key] of old.state.db.entries(all))
      if (['s', 'y'].includes(String.fromCharCode(key[0] ?? 0)) || Buffer.from(key).includes('key-ledger'))
        entries.push(key);
    await old.state.db.write(entries.map((key) => ({ key })));
    await three.stop(0);
    await (await three.start(0)).settle();
    await answering();
    const lines = await json('exposed', '--member', 'H29.14');
    expect(lines.map(short).sort()).toEqual(
      [
        ...granted,
        'H29.12 INTERNAL 1 live true chung 1',
        'H29.12 INTERNAL 1 live false chung/hai.txt 1',
        'H29.12 INTERNAL 1 deleted false chung/xoá.txt 1',
        'H29.12  - unknown - - 3',
        'H29.13 INTERNAL 1 live true b 1',
        'H29.13 INTERNAL 1 live true b/của b.txt 1',
      ].sort(),
    );
  });

  it('goes page by page over more than one answer holds', async () => {
    for (let n = 0; n < 2100; n++) await three.put(`chung/${String(n).padStart(4, '0')}`, '');
    await three.a.settle();
    await answering();
    const lines = (await json('exposed', '--member', 'H29.14')).filter(({ state }) => state === 'live');
    expect(new Set(lines.map(({ path }) => path)).size).toBe(2101);
    expect(lines).toHaveLength(2101);
    expect(three.a.decisions.filter(({ type }) => type === 'keys.exposed')).toHaveLength(1);
  }, 120_000);

  it('refuses who never was a member, and says when no agent runs', async () => {
    expect((await keys('exposed', '--member', 'H29.14')).err).toContain('CONTROL_UNREACHABLE');
    await answering();
    const { code, err } = await keys('exposed', '--member', 'H30');
    expect([code, err.split(':')[0]]).toEqual([1, 'KEYS_MEMBER_UNKNOWN']);
  });
});

describe('dongbo keys list', () => {
  it('shows each epoch: whose, which label, since when, for whom, what is live, what is current', async () => {
    await removal();
    await answering();
    const lines = await json('list');
    const of = (line: Record<string, unknown>): string => {
      const { publisher, labelClass, epoch, current, secret, live, why, readers } =
        line as unknown as EpochLine;
      const agencies = readers.map(({ agency }) => agency).join(',');
      return `${publisher.agency} ${labelClass} ${epoch} ${current} ${secret} ${live} ${why} ${agencies}`;
    };
    expect(lines.map(of).sort()).toEqual([
      'H29.12 INTERNAL 1 false held 3 new H29.12,H29.13,H29.14',
      'H29.12 INTERNAL 3 true held 2 readers-changed H29.12,H29.13',
      'H29.12 RESTRICTED 2 true held 2 new H29.12,H29.13',
      'H29.13 INTERNAL 1 false held 2  H29.12,H29.13,H29.14',
      'H29.13 INTERNAL 2 true held 1  H29.12,H29.13',
    ]);
    for (const line of lines) expect(line.opened).toMatch(/^2026-11-02T/);
    const { out } = await keys('list');
    expect(out.join('\n')).toMatch(
      /this node \w{8}: INTERNAL epoch 1, nacl-pq\n {4}since 2026-11-02T\S+ \(first of its label\); earlier; 3 live records\n {4}granted to:\n/,
    );
  });

  it('shows one that is destroyed with its time, and never a secret', async () => {
    await three.put('chung/một.txt');
    await syncAll(three.a, three.b);
    await answering();
    const secret = (await three.a.keyring.keysFor(three.agreement.space, three.a.own.origin, 1))?.secret;
    let done = false;
    const rotating = keys('rotate', '--label', 'INTERNAL').finally(() => (done = true));
    await three.a.until(() => done);
    expect((await rotating).out.at(-1)).toBe('  INTERNAL: Epoch 1 → 2');
    await three.put('b/giữ.txt');
    await rm(three.a.at('chung'), { recursive: true });
    await three.a.settle();
    three.a.space.epochs.destroy();
    await three.a.settle();
    const lines = await json('list');
    expect(lines[0]).toMatchObject({
      epoch: 1,
      secret: 'destroyed',
      destroyed: expect.stringMatching(/^2026-11/),
    });
    expect(lines[1]).toMatchObject({ epoch: 2, secret: 'held', destroyed: null });
    expect(JSON.stringify(lines)).not.toContain(Buffer.from(secret ?? [1]).toString('hex'));
    expect((await keys('list')).out.join('\n')).toMatch(/destroyed 2026-11-\S+; 0 live records/);
  });
});

describe('dongbo keys rotate', () => {
  it('says which class this node has none of, and when the rotation must wait', async () => {
    await three.put('chung/một.txt');
    await three.a.settle();
    await answering(50);
    const none = await keys('rotate', '--label', 'PUBLIC', '--reason', 'thử');
    expect([none.code, none.err]).toEqual([1, expect.stringMatching(/^KEYS_NO_CLASS: .*it has: INTERNAL/)]);
    // Nobody takes a turn.
    const waits = await keys('rotate');
    expect([waits.code, waits.err]).toEqual([1, expect.stringMatching(/^KEYS_ROTATE_WAITS/)]);
    await three.a.settle();
    const opened = three.a.decisions.filter(({ type }) => type === 'epoch.opened');
    expect(opened.map(({ epoch, why, by }) => [epoch, why, by])).toEqual([
      [1, 'new', undefined],
      [2, 'by-hand', 'tester'],
    ]);
  });
});
