/** docs/quickstart.md, word for word: only the folder, the addresses and the ports are others. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compareTrees } from '#test/demo/compare-trees.ts';
import { ownEndpoint } from './own-endpoint.ts';
import { type Block, readPage, variablesOf } from './quickstart-page.ts';
import { commandFolder, Script } from './shell.ts';

const limit = 240_000;
/** One block that takes longer is stuck. */
const blockMs = 60_000;

let dir: string;
const running = new Map<string, Script>();

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dongbo-quickstart-'));
});

afterEach(async () => {
  await Promise.all([...running.values()].map((script) => script.interrupt()));
  running.clear();
  await rm(dir, { recursive: true, force: true });
}, limit);

function settingFor(name: string): string {
  if (name === 'BASE') return join(dir, 'dongbo-quickstart');
  // Any free one: the page finds it through `dongbo status`.
  if (name.startsWith('STATUS_')) return '0';
  const { address, port } = ownEndpoint();
  return name.startsWith('PORT_') ? String(port) : address;
}

async function environment(variables: Block): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = { ...process.env, LANG: 'C.UTF-8' };
  env.PATH = `${await commandFolder(dir)}:${env.PATH}`;
  for (const name of variablesOf(variables)) env[name] = settingFor(name);
  return env;
}

async function runBlock(block: Block, env: NodeJS.ProcessEnv): Promise<void> {
  // A shell that waits out Ctrl-C, as a terminal's does, ends with the code of what it ran.
  const script = new Script(block.background ? `trap : INT\n${block.text}` : block.text, env);
  if (block.background) return void running.set(block.on, script);
  const timer = setTimeout(() => script.kill(), blockMs);
  const code = await script.ended;
  clearTimeout(timer);
  if (code === 0) return;
  const others = [...running].map(([node, { output }]) => `--- ${node}\n${output}`);
  const what = code === null ? `no end after ${blockMs / 1000} s` : `exit code ${code}`;
  throw new Error(`line ${block.line}: ${what}\n${block.text}\n${script.output}\n${others.join('\n')}`);
}

async function stop(nodes: readonly string[]): Promise<void> {
  for (const node of nodes) {
    const script = running.get(node);
    running.delete(node);
    await script?.interrupt();
    expect(await script?.ended, `${node}: ${script?.output}`).toBe(0);
  }
}

it(
  'docs/quickstart.md does what it says, through the relay and directly',
  async () => {
    const steps = readPage(await readFile('docs/quickstart.md', 'utf8'));
    const [variables, ...rest] = steps;
    if (!variables || 'stop' in variables || variables.on !== 'variables')
      throw new Error('the page must begin with its variables');
    const env = await environment(variables);
    for (const step of rest) await ('stop' in step ? stop(step.stop) : runBlock(step, env));
    const [a, b] = ['a', 'b'].map((node) => join(String(env.BASE), node, 'ho-so')) as [string, string];
    expect((await compareTrees(a, b)).differences).toEqual([]);
    const names = (await readdir(b)).filter((name) => name !== '.dongbo').sort();
    expect(names).toEqual(['công văn 02.txt', 'trả lời 01.txt', 'trả lời 02.txt']);
    await stop([...running.keys()]);
  },
  limit,
);
