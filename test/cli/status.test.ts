/** `dongbo status`, `release` and `scan` against real servers, with a real configuration file. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runRelease } from '#agent/cli/release.ts';
import { runScan } from '#agent/cli/scan.ts';
import { runStatus } from '#agent/cli/status.ts';
import type { Problem } from '#agent/core/errors.ts';
import { ControlServer } from '#agent/status/control.ts';
import { StatusServer } from '#agent/status/server.ts';
import { facts, peer, recording, space } from '#test/status/sample-facts.ts';
import { captureIo } from './capture-io.ts';

async function* problems(): AsyncGenerator<Problem> {
  yield { code: 'NAME_CLASH', path: 'Công văn/a.txt', details: {} };
}

async function running(given = () => [facts()]) {
  const dir = await mkdtemp(join(tmpdir(), 'dongbo-cli-'));
  const { recorder } = recording(given);
  const status = await StatusServer.listen({ port: 0, recorder, emit: () => undefined });
  const calls: string[] = [];
  const commands = {
    release: async (...args: string[]) => {
      calls.push(args.join(' | '));
      return 'MASS_DELETE_LOCAL';
    },
    rescan: async (id: string) => void calls.push(`rescan ${id}`),
    problems,
  };
  const control = await ControlServer.listen({ path: join(dir, 'control.sock'), commands });
  const config = join(dir, 'agent.yaml');
  const lines = [
    `state: ${dir}`,
    `status: { port: ${status.port} }`,
    `spaces: [{ space: ${space}, folder: /srv/a }]`,
  ];
  await writeFile(config, lines.join('\n'));
  const close = async () => {
    await Promise.all([status, control].map((server) => server[Symbol.asyncDispose]()));
    await rm(dir, { recursive: true });
  };
  return { config, calls, status, [Symbol.asyncDispose]: close };
}

describe('dongbo status', () => {
  it('says of each space and peer what a person needs', async () => {
    await using at = await running();
    const io = captureIo();
    expect(await runStatus({ config: at.config }, io)).toBe(0);
    expect(io.outLines.join('\n')).toBe(
      [
        `Node H29.12 (agent, dongbo 1.2.3) ${'11'.repeat(32)}`,
        '',
        `Space "Hồ sơ chung" ${space}`,
        '  in step, since 2026-11-02T03:04:05.678Z',
        '  100 items, 1 MB; pending 0; problems 0',
        '  last full scan 2026-11-02T03:04:05.678Z',
        '  = H29.13 22222222: connected; confirmed 10 of 10 changes',
      ].join('\n'),
    );
  });

  it('says why and what to do when halted, in Vietnamese too', async () => {
    const halt = {
      code: 'STORE_ROOT_GONE' as const,
      details: { folder: '/srv/a', reason: 'ENOENT' },
      needsRelease: false,
    };
    await using at = await running(() => [facts({ halt })]);
    const io = captureIo({ lang: 'vi' });
    await runStatus({ config: at.config }, io);
    const text = io.outLines.join('\n');
    expect(text).toContain('TẠM DỪNG (STORE_ROOT_GONE)');
    expect(text).toContain('/srv/a');
    expect(text).not.toMatch(/\{\w+\}/);
  });

  it('--json prints the snapshot; --exit-code tells a script', async () => {
    let given = [facts()];
    await using at = await running(() => given);
    const io = captureIo();
    expect(await runStatus({ config: at.config, json: true, exitCode: true }, io)).toBe(0);
    expect(JSON.parse(io.outLines.join('\n'))).toMatchObject({ state: 'in-step' });
    given = [facts({ pending: 1 })];
    expect(await runStatus({ config: at.config, exitCode: true }, io)).toBe(3);
    expect(await runStatus({ config: at.config }, io)).toBe(0);
  });

  it('--problems names the items, through the control socket', async () => {
    await using at = await running(() => [facts({ problems: 1, problemCodes: { NAME_CLASH: 1 } })]);
    const io = captureIo();
    await runStatus({ config: at.config, problems: true }, io);
    expect(io.outLines.join('\n')).toContain('"Công văn/a.txt"');
    const plain = captureIo();
    await runStatus({ config: at.config }, plain);
    expect(plain.outLines.join('\n')).toContain('NAME_CLASH: 1');
    expect(plain.outLines.join('\n')).not.toContain('Công văn');
  });

  it('says when no agent is running', async () => {
    const at = await running();
    await at.status[Symbol.asyncDispose]();
    const asked = runStatus({ config: at.config }, captureIo());
    await expect(asked).rejects.toMatchObject({
      code: 'STATUS_NOT_RUNNING',
      details: { errno: 'ECONNREFUSED' },
    });
  });
});

describe('dongbo status --watch', () => {
  it('prints plain lines where there is no terminal, only when something changes, until it is stopped', async () => {
    const steps = [facts({ pending: 4 }), facts({ pending: 4 }), facts({ pending: 1 }), facts()];
    const stop = new AbortController();
    await using at = await running(() => {
      const next = steps.shift();
      if (!next) stop.abort();
      return [next ?? facts()];
    });
    const io = captureIo({ signal: stop.signal });
    const quick = { ...io, clock: { ...io.clock, sleep: async () => undefined } };
    expect(await runStatus({ config: at.config, watch: true }, quick)).toBe(0);
    expect(io.outLines.filter((line) => !line.includes('↔'))).toEqual([
      'Hồ sơ chung: syncing, RECEIVING, 0 / 4 items',
      expect.stringMatching(/^Hồ sơ chung: syncing, RECEIVING, 3 \/ 4 items, \d+\/s, left \d+:\d\d$/),
      'Hồ sơ chung: in step, 4 / 4 items',
    ]);
    expect(io.outLines.filter((line) => line.includes('↔'))).toEqual(['↔ H29.13: connected']);
  });

  it('draws a bar for each space and peer on a terminal', async () => {
    const stop = new AbortController();
    let asked = 0;
    await using at = await running(() => {
      asked += 1;
      if (asked > 3) stop.abort();
      return [facts({ pending: Math.max(0, 40 - 10 * asked), peers: [peer({ ownSeq: 20 })] })];
    });
    const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows: 30 });
    let drawn = '';
    screen.on('data', (part: Buffer) => {
      drawn += part;
    });
    const io = captureIo({ signal: stop.signal, tty: screen });
    const quick = { ...io, clock: { ...io.clock, sleep: async () => undefined } };
    await runStatus({ config: at.config, watch: true }, quick);
    expect(drawn).toContain('Hồ sơ chung');
    expect(drawn).toContain('↔ H29.13');
    expect(drawn).toMatch(/66% syncing/);
    expect(io.outLines).toEqual([]);
  });
});

describe('dongbo release and scan', () => {
  it('carry who and why to the agent', async () => {
    await using at = await running();
    const io = captureIo();
    expect(await runRelease({ config: at.config, space, reason: ' đã kiểm tra ' }, io)).toBe(0);
    expect(await runScan({ config: at.config }, io)).toBe(0);
    expect(at.calls).toEqual([`${space} | tester | đã kiểm tra`, `rescan ${space}`]);
    expect(io.outLines[0]).toBe('Lifted: MASS_DELETE_LOCAL');
  });

  it('refuse a space that is not configured, and a release without a reason', async () => {
    await using at = await running();
    const { config } = at;
    await expect(runRelease({ config, space: 'x', reason: 'y' }, captureIo())).rejects.toMatchObject({
      code: 'SPACE_UNKNOWN',
    });
    await expect(runScan({ config, space: 'x' }, captureIo())).rejects.toMatchObject({
      code: 'SPACE_UNKNOWN',
    });
    await expect(runRelease({ config, space, reason: '  ' }, captureIo())).rejects.toMatchObject({
      code: 'RELEASE_NO_REASON',
    });
    expect(at.calls).toEqual([]);
  });
});
