/**
 * `npm run bench -- padding`: what each way of padding costs for a tree of files, and how many of 20 files held out of
 * 200 known ones its sizes give away (`test/fingerprint`).
 */
import { readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCorpus } from '#test/fingerprint/corpus.ts';
import { cutterOf, type Scheme, schemes } from '#test/fingerprint/schemes.ts';
import { modelItems, ratesOf } from '#test/fingerprint/trials.ts';
import { cellChoices } from './cell-choices.ts';

type Name = keyof typeof schemes;

/** Sealed bytes of the record of a file under a path of 60 bytes, one chunk. */
const recordBytes: Readonly<Record<Name, number>> = {
  unpadded: 284,
  padme: 304,
  steps: 560,
  powers: 560,
  cells: 1072,
};

interface Cost {
  readonly scheme: Name;
  readonly plainBytes: number;
  readonly chunkBytes: number;
  readonly recordBytes: number;
  readonly ratio: number;
}

interface Told {
  readonly scheme: Name;
  /** Shares of 1, over `trials`. */
  readonly found: number;
  readonly foundByOrder: number;
}

const trials = 200;
const corpora = [1, 2, 3];

/** Regular files beneath `tree`. */
export const filesIn = (tree: string): string[] =>
  readdirSync(realpathSync(tree), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

function costsOf(paths: readonly string[]): Cost[] {
  const cutter = cutterOf(1);
  const sums = new Map<Name, number>();
  let plainBytes = 0;
  for (const path of paths) {
    const bytes = readFileSync(path);
    plainBytes += bytes.length;
    for (const [name, scheme] of entries()) {
      const sealed = scheme(bytes, cutter).reduce((a, b) => a + b, 0);
      sums.set(name, (sums.get(name) ?? 0) + sealed);
    }
  }
  return entries().map(([scheme]) => {
    const chunkBytes = sums.get(scheme) ?? 0;
    const records = paths.length * recordBytes[scheme];
    return {
      scheme,
      plainBytes,
      chunkBytes,
      recordBytes: records,
      ratio: (chunkBytes + records) / plainBytes,
    };
  });
}

const entries = (): [Name, Scheme][] => Object.entries(schemes) as [Name, Scheme][];

function told(): Told[] {
  const made = corpora.map(makeCorpus);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return entries().map(([name, scheme]) => {
    const rates = made.map((corpus) => ratesOf(scheme, corpus, modelItems(scheme, corpus), trials));
    return {
      scheme: name,
      found: mean(rates.map(({ rate }) => rate)),
      foundByOrder: mean(rates.map(({ inOrder }) => inOrder)),
    };
  });
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

export function benchPadding(tree: string, json: string | undefined): void {
  const out = (line: string) => process.stdout.write(`${line}\n`);
  const paths = filesIn(tree);
  const costs = costsOf(paths);
  const attack = told();
  out(`${paths.length} files, ${megabytes(costs[0]?.plainBytes ?? 0)} MB\n`);
  out('| scheme | chunks, MB | records, MB | sealed / plain | found | order of names known |');
  out('|---|---|---|---|---|---|');
  for (const [i, { scheme, chunkBytes, recordBytes: records, ratio }] of costs.entries()) {
    const { found = 0, foundByOrder = 0 } = attack[i] ?? {};
    const cells = [scheme, megabytes(chunkBytes), megabytes(records), ratio.toFixed(2)];
    out(`| ${[...cells, percent(found), percent(foundByOrder)].join(' | ')} |`);
  }
  const choices = cellChoices(paths, corpora.map(makeCorpus), trials);
  out('\n| cells of | numbers | sealed / plain | found |\n|---|---|---|---|');
  for (const { kib, numbers, ratio, found } of choices)
    out(`| ${kib} KiB | ${numbers} | ${ratio.toFixed(2)} | ${percent(found)} |`);
  if (json === undefined) return;
  const results = { files: paths.length, costs, attack, choices };
  writeFileSync(json, `${JSON.stringify(results, undefined, 2)}\n`);
}
