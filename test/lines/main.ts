/**
 * `npm run test:lines [-- [--jobs N] [NAME...]]`: takes each safety line of the list out of a copy of the project, one at a
 * time, and sees that a test goes red. NAME is that of a line, or how it begins (`seg.`). Ends with 0 only if all are held.
 */
import { readLines, type SafetyLine } from './list.ts';
import { type Outcome, Tree } from './tree.ts';

/** Takes `--jobs N` out of `argv`. */
function jobsOf(argv: string[]): number {
  const at = argv.indexOf('--jobs');
  if (at < 0) return 1;
  const value = Number(argv.splice(at, 2)[1]);
  if (!Number.isInteger(value) || value < 1) throw new Error('--jobs: a whole number from 1');
  return value;
}

function chosen(names: readonly string[]): readonly SafetyLine[] {
  const lines = readLines();
  const unknown = names.find((name) => !lines.some((line) => line.name.startsWith(name)));
  if (unknown !== undefined) throw new Error(`${unknown}: no such line`);
  return names.length === 0 ? lines : lines.filter((line) => names.some((n) => line.name.startsWith(n)));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const onlyOf = (lines: readonly SafetyLine[]): string | undefined => {
  const names = new Set(lines.flatMap(({ only }) => (only === undefined ? [] : [escaped(only)])));
  return names.size === 0 ? undefined : [...names].join('|');
};

/** What is red before anything is taken out would make every line look held. */
async function redBefore(tree: Tree, lines: readonly SafetyLine[]): Promise<string | undefined> {
  const groups = [lines.filter((l) => l.only === undefined), lines.filter((l) => l.only !== undefined)];
  for (const group of groups.filter((g) => g.length > 0)) {
    const files = [...new Set(group.flatMap((l) => l.tests))];
    const { failures, broken } = await tree.vitest(files, onlyOf(group), false);
    const [first] = failures;
    if (first) return `${first.test}: ${first.why}`;
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function told(line: SafetyLine, { failures, broken }: Outcome, seconds: number): string {
  const [first] = failures;
  const verdict = first ? `red       ${line.name}` : `${broken ? 'BROKEN  ' : 'NOT HELD'}  ${line.name}`;
  const why = first ? `${first.test}: ${first.why}` : (broken ?? line.tests.join(' '));
  return `${verdict} (${seconds} s)  ${why}`;
}

async function worker(tree: Tree, queue: SafetyLine[], tally: Map<string, string[]>): Promise<void> {
  for (let line = queue.shift(); line; line = queue.shift()) {
    const { tests, edits } = line;
    const only = onlyOf([line]);
    const began = Date.now();
    const outcome = await tree.without(edits, () => tree.vitest(tests, only, true));
    console.log(told(line, outcome, Math.round((Date.now() - began) / 1000)));
    const kind = outcome.failures.length > 0 ? 'red' : outcome.broken ? 'BROKEN' : 'NOT HELD';
    tally.set(kind, [...(tally.get(kind) ?? []), line.name]);
  }
}

async function main(argv: string[]): Promise<void> {
  const jobs = jobsOf(argv);
  const lines = chosen(argv);
  // All copies first: the project may be worked on meanwhile.
  await using copies = new AsyncDisposableStack();
  const first = copies.use(await Tree.copy());
  const trees = [first];
  while (trees.length < jobs) trees.push(copies.use(await Tree.copy()));
  const red = await redBefore(first, lines);
  if (red !== undefined) throw new Error(`red before any line is taken out: ${red}`);
  console.log(`${lines.length} lines, their tests are green`);
  const tally = new Map<string, string[]>();
  const queue = [...lines];
  await Promise.all(trees.map((tree) => worker(tree, queue, tally)));
  const count = (kind: string): number => tally.get(kind)?.length ?? 0;
  for (const kind of ['NOT HELD', 'BROKEN']) {
    if (count(kind) > 0) console.log(`${kind}: ${tally.get(kind)?.join(' ')}`);
  }
  console.log(
    `${lines.length} lines: ${count('red')} red, ${count('NOT HELD')} not held, ${count('BROKEN')} broken`,
  );
  process.exitCode = count('red') === lines.length ? 0 : 1;
}

await main(process.argv.slice(2));
