/** The control socket, with a real socket. */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DongboError, type Problem } from '#agent/core/errors.ts';
import { type ControlCommands, ControlServer } from '#agent/status/control.ts';
import { callControl } from '#agent/status/control-client.ts';
import { controlRoute } from '#agent/status/control-protocol.ts';
import { space } from './sample-facts.ts';

const never = new AbortController().signal;

async function controlled(changes: Partial<ControlCommands> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'dongbo-control-'));
  const path = join(dir, 'control.sock');
  const calls: string[] = [];
  const commands: ControlCommands = {
    release: async (...args) => {
      calls.push(args.join(' | '));
      return 'MASS_DELETE_LOCAL';
    },
    rescan: async (id) => void calls.push(`rescan ${id}`),
    ...changes,
  };
  const server = await ControlServer.listen({ path, commands });
  const close = async () => {
    await server[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  };
  return { path, calls, commands, [Symbol.asyncDispose]: close };
}

async function* problems(count: number): AsyncGenerator<Problem> {
  for (let i = 0; i < count; i++) yield { code: 'NAME_CLASH', path: `tệp ${i}`, details: { of: i } };
}

async function post(socketPath: string, body: string, path = controlRoute, method = 'POST'): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = request({ socketPath, path, method, agent: false }, async (reply) => {
    let text = '';
    for await (const part of reply) text += part;
    resolve(text);
  });
  sent.on('error', reject).end(body);
  return promise;
}

describe('the control socket', () => {
  it('is for its owner only', async () => {
    await using at = await controlled();
    expect((await stat(at.path)).mode & 0o777).toBe(0o600);
  });

  it('carries a release, with who and why', async () => {
    await using at = await controlled();
    const command = { do: 'release', space, by: 'chị Lan', reason: 'đã kiểm tra' } as const;
    expect(await callControl(at.path, command, never)).toEqual({ ok: true, released: 'MASS_DELETE_LOCAL' });
    expect(at.calls).toEqual([`${space} | chị Lan | đã kiểm tra`]);
  });

  it('says when there is nothing to release', async () => {
    await using at = await controlled({ release: async () => undefined });
    const call = callControl(at.path, { do: 'release', space, by: 'a', reason: 'b' }, never);
    await expect(call).rejects.toMatchObject({ code: 'RELEASE_NOTHING', details: { space } });
  });

  it('carries a scan', async () => {
    await using at = await controlled();
    expect(await callControl(at.path, { do: 'rescan', space }, never)).toEqual({ ok: true });
    expect(at.calls).toEqual([`rescan ${space}`]);
  });

  it('names items with problems, up to the limit', async () => {
    await using at = await controlled({ problems: () => problems(5) });
    const ask = (limit: number) => callControl(at.path, { do: 'problems', space, limit }, never);
    expect(await ask(2)).toEqual({
      ok: true,
      problems: [
        { code: 'NAME_CLASH', path: 'tệp 0', details: { of: 0 } },
        { code: 'NAME_CLASH', path: 'tệp 1', details: { of: 1 } },
      ],
      more: true,
    });
    expect(await ask(5)).toMatchObject({ more: false });
  });

  it('hands on the code of a failure, and hides what is not ours', async () => {
    await using at = await controlled({
      rescan: async () => {
        throw new DongboError('SPACE_UNKNOWN', { space });
      },
      release: async () => {
        throw new TypeError('x is not a function');
      },
    });
    const scan = callControl(at.path, { do: 'rescan', space }, never);
    await expect(scan).rejects.toMatchObject({ code: 'SPACE_UNKNOWN', details: { space } });
    const release = callControl(at.path, { do: 'release', space, by: 'a', reason: 'b' }, never);
    await expect(release).rejects.toMatchObject({ code: 'CONTROL_FAILED', details: {} });
  });

  it.each([
    ['no JSON', '{'],
    ['another command', '{"do":"format"}'],
    ['no reason', `{"do":"release","space":"${space}","by":"a","reason":" "}`],
    ['a further key', `{"do":"rescan","space":"${space}","x":1}`],
    ['another space', '{"do":"rescan","space":"../../etc"}'],
    ['nothing', ''],
  ])('refuses %s', async (_, body) => {
    await using at = await controlled();
    expect(JSON.parse(await post(at.path, body))).toEqual({
      ok: false,
      code: 'CONTROL_MALFORMED',
      details: {},
    });
    expect(at.calls).toEqual([]);
  });

  it('refuses other resources and methods, and what is too large', async () => {
    await using at = await controlled();
    const good = `{"do":"rescan","space":"${space}"}`;
    expect(await post(at.path, good, '/')).toContain('CONTROL_MALFORMED');
    expect(await post(at.path, good, controlRoute, 'PUT')).toContain('CONTROL_MALFORMED');
    await post(at.path, ' '.repeat(100_000)).catch(() => undefined);
    expect(at.calls).toEqual([]);
  });

  it('replaces the socket of a killed agent, but no file', async () => {
    await using at = await controlled();
    await using second = await ControlServer.listen({ path: at.path, commands: at.commands });
    expect(second).toBeDefined();
    expect(await callControl(at.path, { do: 'rescan', space }, never)).toEqual({ ok: true });
    const file = `${at.path}.file`;
    await writeFile(file, 'kept');
    const listen = ControlServer.listen({ path: file, commands: at.commands });
    await expect(listen).rejects.toMatchObject({ code: 'CONTROL_LISTEN_FAILED' });
  });

  it('has a path that the kernel can hold', async () => {
    const path = `/tmp/${'x'.repeat(110)}`;
    const commands: ControlCommands = { release: async () => undefined, rescan: async () => undefined };
    await expect(ControlServer.listen({ path, commands })).rejects.toMatchObject({
      code: 'CONTROL_PATH_TOO_LONG',
    });
  });
});

describe('a command', () => {
  it('says when nobody is there', async () => {
    const call = callControl('/nonexistent/control.sock', { do: 'rescan', space }, never);
    await expect(call).rejects.toMatchObject({ code: 'CONTROL_UNREACHABLE', details: { errno: 'ENOENT' } });
  });

  it('does not believe what is no answer', async () => {
    await using at = await controlled();
    const path = `${at.path}.other`;
    const other = createServer((_, response) => response.end('{"ok":"yes"}')).listen(path);
    await new Promise((done) => other.on('listening', done));
    await expect(callControl(path, { do: 'rescan', space }, never)).rejects.toMatchObject({
      code: 'CONTROL_MALFORMED',
    });
    other.close();
  });
});
