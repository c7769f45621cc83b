/** Why cells are as large as they are, and why their numbers go up as they do: the same figures for other choices. */
import { statSync } from 'node:fs';
import { Attacker, hitRate } from '#test/fingerprint/attack.ts';
import { heldIn } from '#test/fingerprint/trials.ts';

interface Choice {
  readonly kib: number;
  readonly numbers: string;
  readonly ratio: number;
  readonly found: number;
}

const ladders: Readonly<Record<string, readonly number[]>> = {
  'powers of two': [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096],
  'powers of four': [1, 4, 16, 64, 256, 1024, 4096],
  'powers of eight': [1, 8, 64, 512, 4096],
};

const overhead = 33;
const recordBytes = 1072;

/** Lists left out: they are one cell in 454. Beyond the ladder as many as there are. */
function sealedBytes(size: number, cell: number, ladder: readonly number[]): number {
  const count = Math.max(1, Math.ceil(size / (cell - overhead)));
  return cell * (ladder.find((step) => count <= step) ?? count);
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function foundIn(sizes: readonly number[], sealed: (size: number) => number, trials: number): number {
  const attacker = new Attacker(sizes.map((size) => [[sealed(size)]]));
  let found = 0;
  for (let trial = 1; trial <= trials; trial += 1) {
    const held = heldIn(trial);
    const seen = held.map((j) => [sealed(sizes[j] ?? 0)]);
    found += hitRate(attacker.guess(seen, { inOrder: false, seed: trial }), held) / trials;
  }
  return found;
}

export function cellChoices(
  paths: readonly string[],
  corpora: readonly (readonly Uint8Array[])[],
  trials: number,
): Choice[] {
  const tree = paths.map((path) => statSync(path).size);
  const known = corpora.map((files) => files.map(({ length }) => length));
  return [8, 16, 32, 64].flatMap((kib) =>
    Object.entries(ladders).map(([numbers, ladder]) => {
      const sealed = (size: number) => sealedBytes(size, kib * 1024, ladder);
      const ratio = (sum(tree.map(sealed)) + tree.length * recordBytes) / sum(tree);
      const found = sum(known.map((sizes) => foundIn(sizes, sealed, trials))) / known.length;
      return { kib, numbers, ratio, found };
    }),
  );
}
