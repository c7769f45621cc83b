/** `dongbo label`, and what `explain` tells of it: over a real control socket, or from the state when no agent runs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runProgram } from '#agent/cli/program.ts';
import { openLabelMemory } from '#agent/cycle/label-desk.ts';
import { State } from '#agent/feed/state.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import { createIdentity } from '#agent/seal/identity.ts';
import { ControlServer } from '#agent/status/control.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { lockState } from '#agent/sys/lock.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { SpaceNode } from '#test/cycle/space-node.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { draft, makeParty } from '#test/trust/parties.ts';
import { captureIo } from './capture-io.ts';

const io = { random: systemRandom, clock: systemClock };
const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

async function place(labels: readonly string[] = ['{ path: "**", sensitivity: INTERNAL }']) {
  const dir = await temporaryDir();
  cleanup.push(dir);
  const at = (name: string) => join(dir.path, name);
  await mkdir(at('ctl/keys'), { recursive: true });
  await mkdir(at('folder'));
  const me = await createIdentity(at('ctl/keys'), { agency: 'H29.12', name: 'Sở A' }, io);
  const other = await makeParty('H29.13');
  const members = [
    [me, 'publish', 'subscribe'],
    [other, 'subscribe'],
  ] as const;
  const agreement = await signAgreement(
    draft(members, {
      label: { sensitivity: 'RESTRICTED', secrecy: 'NONE', personalData: 'NONE' },
      notBefore: '2026-01-01T00:00:00.000Z',
      notAfter: '2999-01-01T00:00:00.000Z',
    }),
    me,
  );
  await (await AgreementBook.open(at('ctl/agreements'), me, systemClock)).accept(agreement);
  const rules = labels.map((rule) => `      - ${rule}`);
  const config = (lines: readonly string[]) => [
    `state: ${at('ctl')}`,
    'listen: { port: 1 }',
    'spaces:',
    `  - space: ${agreement.space}`,
    ...lines,
  ];
  const own = [`    folder: ${at('folder')}`, ...(rules.length > 0 ? ['    labels:', ...rules] : [])];
  await writeFile(at('agent.yaml'), config(own).join('\n'));
  const run = async (...argv: readonly string[]) => {
    const shown = captureIo();
    const code = await runProgram([...argv, '--config', at('agent.yaml')], shown);
    return { code, out: shown.outLines.join('\n'), err: shown.errLines.join('\n') };
  };
  const put = async (path: string, text = path) => {
    await mkdir(dirname(at(`folder/${path}`)), { recursive: true });
    await writeFile(at(`folder/${path}`), text);
  };
  return { at, me, agreement, run, put };
}

/** As an agent would, with its socket where the configuration says. */
async function running(
  { at, me, agreement }: Awaited<ReturnType<typeof place>>,
  sensitivity: 'INTERNAL' | 'RESTRICTED',
) {
  const labels = [{ path: '**', sensitivity }];
  const node = await SpaceNode.open({ me, agreement, dir: at('.'), labels });
  cleanup.push(node);
  const commands = {
    release: async () => undefined,
    rescan: async () => undefined,
    labels: () => node.desk,
  };
  cleanup.push(await ControlServer.listen({ path: at('ctl/control.sock'), commands }));
  return node;
}

const by = ['--decided-by', 'Bà B', '--decision-ref', '34/QĐ'];

describe('dongbo label', () => {
  it('records a decision with the running agent, and shows and lists it', async () => {
    const p = await place();
    const node = await running(p, 'INTERNAL');
    await p.put('a/x.txt');
    const set = await p.run('label', 'set', 'a', '--sensitivity', 'RESTRICTED', ...by);
    expect(set).toMatchObject({ code: 0, out: 'Recorded. Label: RESTRICTED' });
    expect(node.decided).toMatchObject([['label.decided', { by: 'tester', decidedBy: 'Bà B' }]]);
    const line =
      /decision on "a": sensitivity RESTRICTED, decidedBy Bà B, decisionRef 34\/QĐ, item [0-9a-f]{32}, 20\d\d-/;
    for (const argv of [
      ['label', 'show', 'a/x.txt'],
      ['label', 'list'],
      ['explain', 'a/x.txt'],
    ])
      expect((await p.run(...argv)).out).toMatch(line);
    expect((await p.run('label', 'show', 'a/x.txt')).out).toContain('Label: RESTRICTED');
  });

  it('says what holds a label up, and which decision is wanted', async () => {
    const p = await place();
    const node = await running(p, 'RESTRICTED');
    await p.put('x.txt');
    await node.settle();
    // The configuration says INTERNAL by now; the agent that runs does not know.
    const { out } = await p.run('explain', 'x.txt');
    expect(out).toContain('Label: RESTRICTED');
    expect(out).toContain('published before as RESTRICTED (H29.12)');
    expect(out).toContain('dongbo label set PATH');
    const set = await p.run('label', 'set', 'x.txt', '--sensitivity', 'PUBLIC', ...by);
    expect(set.out).toContain('held up by: rule "**": sensitivity RESTRICTED');
    expect(set.out).not.toContain('published before');
    const after = await p.run('explain', 'x.txt');
    expect(after.out).toContain('Label: INTERNAL');
    expect(after.out).toContain(
      'published before as RESTRICTED (H29.12); a decision since leaves of that: PUBLIC',
    );
    expect(after.out).not.toContain('dongbo label set PATH');
  });

  it.each([
    ['LABEL_DECISION_FIELD', ['--sensitivity', 'LOW', ...by]],
    ['LABEL_DECISION_FIELD', ['--sensitivity', 'PUBLIC', '--decided-by', 'A', '--decision-ref', ' ']],
    ['LABEL_DECISION_EMPTY', by],
    ['CONTROL_UNREACHABLE', ['--package', ...by]],
  ])('refuses with %s: %j', async (code, argv) => {
    const p = await place();
    const { code: exit, err } = await p.run('label', 'set', 'a', ...argv);
    expect(exit).toBe(1);
    expect(err).toContain(code);
  });

  it('needs a person and a decision', async () => {
    const p = await place();
    const { code, err } = await p.run('label', 'set', 'a', '--secrecy', 'MAT', '--decided-by', 'Bà B');
    expect(code).toBe(2);
    expect(err).toContain('--decision-ref');
  });
});

describe('dongbo explain without an agent', () => {
  it('names the label file and its rule, and the package', async () => {
    const p = await place();
    await p.put(
      'a/.dongbo-labels.yaml',
      '- { path: ., package: true }\n- { path: b/, sensitivity: RESTRICTED }',
    );
    await p.put('a/b/x.txt');
    const { out } = await p.run('explain', 'a/b/x.txt');
    expect(out).toContain('Label: RESTRICTED');
    expect(out).toContain('label file a/.dongbo-labels.yaml, rule "b/": sensitivity RESTRICTED');
    expect(out).toContain('package "a"');
  });

  it('names the label file that hides an item because it cannot be used', async () => {
    const p = await place();
    await p.put('a/.dongbo-labels.yaml', '- { path: b/, secrecy: MAT, decidedBy: Ông A }');
    const { out } = await p.run('explain', 'a/x.txt');
    expect(out).toContain('label file a/.dongbo-labels.yaml');
    expect(out).toContain('[0].decisionRef must be');
    expect(out).toContain('(R05)');
  });

  it('reads decisions from the state, and says when it cannot', async () => {
    const p = await place();
    const { node } = p.me;
    const state = await State.open(p.at('ctl'), { node });
    const memory = await openLabelMemory(state, p.agreement.space, systemRandom);
    const decision = {
      path: 'x',
      sensitivity: 'RESTRICTED',
      decidedBy: 'Bà B',
      decisionRef: '34/QĐ',
    } as const;
    await memory.decide(decision, { at: 0, after: {} }, () => false);
    await state[Symbol.asyncDispose]();
    expect((await p.run('explain', 'x')).out).toContain('decision on "x": sensitivity RESTRICTED');
    await using _held = await lockState(p.at('ctl'));
    const { out } = await p.run('explain', 'x');
    expect(out).toContain('are not known here (STATE_LOCKED)');
    expect(out).toContain('Label: INTERNAL');
  });
});
