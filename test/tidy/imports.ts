/** The import table of docs/architecture.md, and the faults of a file against it. */
import { lineAt, type Source } from './source.ts';

const stages = ['store', 'seal', 'feed', 'exchange', 'apply', 'audit', 'status'] as const;
const everything = ['core', 'sys', ...stages];

/**
 * Who may import whom among the folders of agent/. `(root)` are the files agent/*.ts: agent.ts composes the stages and
 * main.ts the commands. `cycle` holds the parts of agent.ts that are too long for one screen.
 */
export const table: Readonly<Record<string, readonly string[]>> = {
  core: [],
  sys: ['core'],
  ...Object.fromEntries(stages.map((stage) => [stage, ['core', 'sys']])),
  cycle: everything,
  cli: [...everything, 'cycle', '(root)'],
  '(root)': [...everything, 'cycle', 'cli'],
};

/** The two seams that are used widely: their types may be imported anywhere but in core and sys. */
const seams = new Set(['store/store.ts', 'exchange/peer.ts']);
/** Pure hashing is no I/O. */
const coreMayUse = new Set(['node:crypto']);
const diskFolders = ['sys', 'feed', 'cli'];

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

export function importsOf({ code, text }: Source): Import[] {
  const opening = /\b(?:from\s*|import\s*\(?\s*)(['"])/g;
  return [...code.matchAll(opening)].map((match) => {
    const start = match.index + match[0].length;
    const specifier = text.slice(start, code.indexOf(match[1] ?? "'", start));
    const statement = code.slice(0, match.index + 1);
    const keyword = Math.max(statement.lastIndexOf('import'), statement.lastIndexOf('export'));
    const typeOnly = /^(?:import|export)\s+type\b/.test(code.slice(keyword, match.index));
    return { specifier, typeOnly, line: lineAt(text, match.index) };
  });
}

export const folderOf = (path: string): string => {
  const [first = '', ...rest] = path.replace(/^agent\//, '').split('/');
  return rest.length === 0 ? '(root)' : first;
};

export function importFaults(source: Source): string[] {
  return importsOf(source).flatMap((one) => {
    const fault = faultOf(source.path, one);
    return fault ? [`${source.path}:${one.line}: imports ${one.specifier}: ${fault}`] : [];
  });
}

function faultOf(path: string, one: Import): string | undefined {
  if (one.specifier.endsWith('/package.json')) return undefined;
  if (one.specifier.startsWith('../')) return 'write #agent/… or #test/… across folders, ./ inside one';
  if (!path.startsWith('agent/')) return undefined;
  if (one.specifier.startsWith('#test/'))
    return 'agent/ must not need test/: move the code it shares to agent/';
  if (one.specifier.startsWith('#agent/')) return crossFault(path, one);
  return one.specifier.startsWith('node:') ? builtinFault(folderOf(path), one.specifier) : undefined;
}

function crossFault(path: string, { specifier, typeOnly }: Import): string | undefined {
  const target = specifier.slice('#agent/'.length);
  const [from, to] = [folderOf(path), folderOf(target)];
  const allowed = table[from];
  if (!allowed)
    return `agent/${from}/ is not in the import table: put the file in a folder that is, or add it there`;
  if (from === to || allowed.includes(to)) return undefined;
  if (typeOnly && seams.has(target) && from !== 'core' && from !== 'sys') return undefined;
  const may = allowed.length > 0 ? allowed.join(', ') : 'nothing of ours';
  return `${from} may import ${may}: declare the methods you use as a local interface and let agent.ts hand them in`;
}

function builtinFault(from: string, specifier: string): string | undefined {
  if (/^node:timers/.test(specifier) && from !== 'sys') return 'use Clock.sleep of #agent/sys/clock.ts';
  if (from === 'core' && !coreMayUse.has(specifier)) {
    return 'core does no I/O: take the value as an argument, or move this to sys or a stage';
  }
  if (/^node:fs(?:\/|$)/.test(specifier) && !diskFolders.includes(from)) {
    return 'use Disk of #agent/sys/disk.ts, or writeFileDurable of #agent/sys/durable.ts';
  }
  return undefined;
}
