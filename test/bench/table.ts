/** The outcome as a table: seconds, bytes on the wire, and each peer's seconds over ours. */
import { type Measured, type Results, works } from './measured.ts';

const cell = (m: Measured | undefined): string => {
  if (!m) return '–';
  const wire = m.wireBytes === undefined ? '' : `, ${(m.wireBytes / 1e3).toFixed(0)} kB`;
  return `${m.seconds.toFixed(3)} s${wire}`;
};

const ratio = (theirs: Measured | undefined, ours: Measured | undefined): string =>
  theirs && ours ? (theirs.seconds / ours.seconds).toFixed(2) : '–';

export function printTable(results: Results): void {
  const out = (line: string) => process.stdout.write(`${line}\n`);
  out(`| contender | ${works.join(' | ')} |`);
  out(`|---|${works.map(() => '---|').join('')}`);
  for (const [name, mine] of Object.entries(results))
    out(`| ${name} | ${works.map((w) => cell(mine[w])).join(' | ')} |`);
  const ours = Object.entries(results).filter(([name]) => name.startsWith('dongbo'));
  const peers = Object.entries(results).filter(([name]) => !name.startsWith('dongbo'));
  for (const [name, mine] of ours)
    for (const [peer, theirs] of peers)
      out(`| ratio ${peer} / ${name} | ${works.map((w) => ratio(theirs[w], mine[w])).join(' | ')} |`);
}
