/**
 * All ways to make no progress. Each is brought about with real parts, as small as they are, and has to have its name, its
 * reason, since when, and what to do, in both languages; none of them is "in step" or ready where it is not. What the code
 * names and no case here brings about makes the test fail.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { statusLines } from '#agent/cli/status-text.ts';
import { haltCodes } from '#agent/core/errors.ts';
import type { AgentEvent } from '#agent/core/event.ts';
import { catalogue } from '#agent/core/messages/index.ts';
import type { SpaceFacts } from '#agent/status/facts.ts';
import { stallMs } from '#agent/status/space-state.ts';
import { recording } from './sample-facts.ts';
import { faults, halts } from './standstills.ts';
import { agreements } from './agreement-ways.ts';
import { inStep, type More, type Way, type World } from './stood-still.ts';
import { called, fails, ill, links, others } from './ways.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of cleanup.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const sourceOf = (path: string): string => readFileSync(`agent/${path}`, 'utf8');
const sourcesOf = (...dirs: readonly string[]): string =>
  dirs
    .flatMap((dir) => readdirSync(`agent/${dir}`).map((file) => `${dir}/${file}`))
    .filter((file) => file.endsWith('.ts'))
    .map(sourceOf)
    .join('\n');
const all = (text: string, form: RegExp): string[] => [
  ...new Set([...text.matchAll(form)].flatMap(([, code]) => code ?? [])),
];

/** What an exchange may fail with: by the wire, by the client, by this node's own checks. */
const failures = [
  ...all(sourceOf('exchange/wire-error.ts'), /^ {2}([A-Z_]+): \{ status/gm),
  ...all(sourcesOf('exchange'), /'(PEER_[A-Z_]+)'/g),
].filter((code) => code !== 'PEER_' && !/AUDIT|STRANGER|AMBIGUOUS/.test(code));
/** What the rows of problems may hold. */
const problemCodes = all(
  sourcesOf('apply', 'cycle', 'store', 'core', 'feed'),
  /(?:problem\(|code: |_CODE = )'([A-Z]+(?:_[A-Z]+)+)'(?:, path|, details|\)|, \{| \})/g,
).filter((code) => Object.hasOwn(catalogue, code) && !(haltCodes as readonly string[]).includes(code));

/** As /status and `dongbo status` show it, now and half an hour later. */
async function shown(
  given: SpaceFacts,
  way: Pick<Way, 'still'> & { readonly events?: readonly AgentEvent[] },
) {
  const { recorder, clock } = recording(() => [given]);
  for (const event of way.events ?? []) recorder.emit(event);
  if (way.still) clock.ms += stallMs;
  const snapshot = await recorder.snapshot();
  const texts = (['en', 'vi'] as const).map((lang) => statusLines(snapshot, { lang }).join('\n'));
  const since = snapshot.spaces[0]?.since;
  if (way.still) clock.ms += 1_800_000;
  const later = (await recorder.snapshot()).spaces[0]?.since;
  return { snapshot, texts, since, later };
}

/** Of whatever makes no progress. */
async function check(
  given: SpaceFacts,
  way: Pick<Way, 'is' | 'still' | 'unready'> & { readonly events?: readonly AgentEvent[] },
) {
  const { snapshot, texts, since, later } = await shown(given, way);
  const [space] = snapshot.spaces;
  const [state, reason = ''] = way.is.split(' ');
  expect(`${space?.state} ${space?.reason}`).toBe(way.is);
  expect([snapshot.state, snapshot.reason, snapshot.lastInStep]).toEqual([state, reason, undefined]);
  const stopped = way.unready === true || ['no-agreement', 'halted'].includes(state ?? '');
  expect(snapshot.ready).toBe(!stopped);
  if (stopped)
    expect(snapshot.unready).toEqual([{ space: given.space, reason: expect.stringMatching(/^[A-Z_]+$/) }]);
  expect(Date.parse(since ?? '')).toBeLessThanOrEqual(Date.parse(snapshot.time));
  expect(later).toBe(since);
  const { doEn = '', doVi = '' } = catalogue[reason] ?? {};
  for (const text of texts) {
    expect(text).toContain(`(${reason})`);
    expect(text).toContain(since);
    // A hole in a text, or one that there is not.
    expect(text).not.toMatch(/\{\w+\}|Unexpected|ngoài dự kiến/);
  }
  if (state !== 'syncing')
    for (const text of [doEn, doVi]) expect(text).not.toMatch(/^(Nothing: this|Không cần làm gì: đây)/);
  return texts;
}

async function factsOf(w: World, { facts = {}, events: _, ...parts }: More): Promise<SpaceFacts> {
  return { ...(await w.node.facts(parts)), ...facts };
}

it('what is in step says so, and has nothing to wait for', async () => {
  const w = await inStep(cleanup);
  const { snapshot } = await shown(await factsOf(w, {}), {});
  expect([snapshot.state, snapshot.ready, snapshot.unready]).toEqual(['in-step', true, []]);
});

describe.each([
  ['an agreement', agreements],
  ['a link', links],
  ['the rest', others],
])('%s', (_, ways) => {
  it.each(ways)('$what: $is', async (way) => {
    const w = await inStep(cleanup);
    const more = (await way.come(w)) ?? {};
    await check(await factsOf(w, more), { ...way, events: more.events ?? [] });
  });
});

describe('a space that stops', () => {
  it.each(Object.entries({ ...halts, ...faults }))('%s', { timeout: 60_000 }, async (code, stop) => {
    const told = await stop();
    expect((told.halt ?? told.fault)?.code).toBe(code);
    const w = await inStep(cleanup);
    const folder = '/srv/a';
    const is = `${told.halt ? 'halted' : 'stalled'} ${code}`;
    await check(await factsOf(w, { folder, facts: { ...told } }), { is, unready: true });
  });
});

describe('an exchange that fails', () => {
  it.each(failures)('%s: with something to send, for a minute', async (code) => {
    const w = await inStep(cleanup);
    await w.publish();
    const given = await factsOf(w, called);
    const events = [fails(w, code)];
    const { snapshot } = await shown(given, { still: true, events });
    const [space] = snapshot.spaces;
    expect(`${space?.state} ${space?.reason}`).toMatch(
      /^stalled (NOT_ADMITTED|AGREEMENTS_DIFFER|REFUSED_BY_PEER|EXCHANGE_FAILS)$/,
    );
    const texts = await check(given, { is: `${space?.state} ${space?.reason}`, still: true, events });
    for (const text of texts) expect(text).toContain(code);
  });
});

describe('an item that does not go on', () => {
  it.each(problemCodes.filter((code) => code !== 'DISK_FULL'))('%s', async (code) => {
    const w = await inStep(cleanup);
    await ill(w, code);
    const texts = await check(await factsOf(w, {}), { is: 'waiting ITEM_PROBLEMS' });
    for (const text of texts) expect(text).toContain(`${code}: 1`);
  });
});

describe('every reason of the code', () => {
  const told = new Set([...agreements, ...links, ...others].map(({ is }) => is.split(' ')[1] ?? ''));
  const cases = new Set([
    ...told,
    ...failures,
    ...problemCodes,
    ...Object.keys(halts),
    ...Object.keys(faults),
  ]);

  it('that the state of a space may have is brought about above', () => {
    // These three are what failures come to; the last is of a node, not of a space.
    const others = [
      'NOT_ADMITTED',
      'AGREEMENTS_DIFFER',
      'REFUSED_BY_PEER',
      'EXCHANGE_FAILS',
      'ITEM_PROBLEMS',
      'NO_SPACES',
    ];
    const named = all(sourceOf('status/space-state.ts'), /'([A-Z]+(?:_[A-Z]+)+)'/g);
    expect(named.filter((code) => !cases.has(code) && !others.includes(code))).toEqual([]);
    expect(named.length).toBeGreaterThan(30);
  });

  it('why no agreement is in force, or a turn came to no end, is', () => {
    const standing = all(sourceOf('core/standing.ts'), /code: '([A-Z_]+)'/g);
    const book = ['agreement-book', 'agreement-files'].flatMap((file) =>
      all(sourceOf(`seal/${file}.ts`), /code: '([A-Z_]+)'/g),
    );
    const turn = all(sourceOf('cycle/space-cycle.ts'), /'((?:FOLDER|SPACE)_[A-Z_]+)'/g);
    expect([...standing, ...book, ...turn].filter((code) => !cases.has(code))).toEqual([]);
    expect(Object.keys(halts).sort()).toEqual([...haltCodes].sort());
  });

  it('has a text', () => {
    expect([...cases].filter((code) => !Object.hasOwn(catalogue, code))).toEqual([]);
  });
});
