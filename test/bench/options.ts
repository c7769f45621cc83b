/** The bench's command line. */
import { parseArgs } from 'node:util';
import { type Work, works } from './measured.ts';

export const benchUsage = `npm run bench -- [first-sync] [small-files] [edit] [latency] [options]
npm run bench -- padding [--tree DIR] [--json FILE]
  (no work)     all four
  --peers       rsync over ssh and Syncthing in the same run (Debian packages rsync, openssh-server, syncthing)
  --json FILE   the figures as JSON
  --size MIB    the large file (1024)
  --files N     the small files of 1–16 KiB (20000)
  --rounds N    new files for latency (21)
  padding       bytes and what sizes tell, of each way of padding; alone
  --tree DIR    the files for padding (node_modules)`;

export interface BenchOptions {
  readonly wanted: ReadonlySet<Work>;
  readonly peers: boolean;
  readonly json?: string;
  readonly sizeBytes: number;
  readonly files: number;
  readonly rounds: number;
  /** Only this then: the folder whose files are measured. */
  readonly padding?: string;
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name}: a whole number from 1`);
  return value;
}

/** Throws with the fault in words. */
export function benchOptions(argv: readonly string[]): BenchOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      peers: { type: 'boolean', default: false },
      json: { type: 'string' },
      size: { type: 'string', default: '1024' },
      files: { type: 'string', default: '20000' },
      rounds: { type: 'string', default: '21' },
      tree: { type: 'string', default: 'node_modules' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const padding = positionals[0] === 'padding' && positionals.length === 1;
  const unknown = padding ? [] : positionals.filter((p) => !works.some((w) => w === p));
  if (unknown.length > 0) throw new Error(`unknown work ${unknown.join(', ')}: one of ${works.join(', ')}`);
  return {
    wanted: new Set(works.filter((w) => positionals.length === 0 || positionals.includes(w))),
    peers: values.peers,
    ...(padding ? { padding: values.tree } : {}),
    ...(values.json === undefined ? {} : { json: values.json }),
    sizeBytes: count('size', values.size) * 1024 * 1024,
    files: count('files', values.files),
    rounds: count('rounds', values.rounds),
  };
}
