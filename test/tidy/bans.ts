/** What no file may contain, where, and what to write instead. */
import { lineAt, type Source } from './source.ts';

interface Ban {
  readonly what: string;
  readonly instead: string;
  /** Looked for in the code without comments and without the inside of strings, unless `in` says otherwise. */
  readonly pattern: RegExp;
  readonly in?: 'comments' | 'text';
  readonly where: (path: string) => boolean;
}

const everywhere = (): boolean => true;
const agent = (path: string): boolean => path.startsWith('agent/');
const outsideSys = (path: string): boolean => agent(path) && !path.startsWith('agent/sys/');
const outsideMain = (path: string): boolean => agent(path) && path !== 'agent/main.ts';

const clock = 'use Clock of #agent/sys/clock.ts, so that a simulator can drive time';
const random = 'use Random of #agent/sys/random.ts, so that a simulator can seed it';

export const bans: readonly Ban[] = [
  {
    what: 'reading the time',
    pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bperformance\.now\b|\bprocess\.hrtime\b/g,
    instead: clock,
    where: outsideSys,
  },
  {
    what: 'a timer',
    pattern: /(?<![.\w])set(?:Timeout|Interval)\s*\(|\bAbortSignal\.timeout\b/g,
    instead: `${clock} (sleep takes the AbortSignal)`,
    where: outsideSys,
  },
  {
    what: 'randomness',
    pattern: /\bMath\.random\b|\brandom(?:Bytes|UUID|Int|Fill|FillSync)\b|\bgetRandomValues\b/g,
    instead: random,
    where: outsideSys,
  },
  {
    what: 'console',
    pattern: /\bconsole\s*\./g,
    instead: 'emit an AgentEvent (#agent/core/event.ts); a command writes with its io.out',
    where: agent,
  },
  {
    what: 'the type any',
    pattern: /(?:[:<|&,(=]\s*|\b(?:as|extends|satisfies)\s+)any\b(?!\s*[:(.=])/g,
    instead: 'use unknown and check it, or a generic',
    where: everywhere,
  },
  {
    what: 'a default export',
    pattern: /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/g,
    instead: 'export it by name',
    where: everywhere,
  },
  {
    what: 'export *',
    pattern: /\bexport\s*\*/g,
    instead: 'import from the file that has it: there are no barrels',
    where: everywhere,
  },
  {
    what: 'an enum or namespace',
    pattern: /^\s*(?:export\s+|declare\s+|const\s+)*(?:enum|namespace)\s+\w+\s*\{/gm,
    instead: 'use a union of string literals, or named exports of a file: Node only strips types',
    where: everywhere,
  },
  {
    what: 'a waiver for the linter or the compiler',
    pattern: /\bbiome-ignore\b|@ts-(?:ignore|expect-error|nocheck)\b/g,
    in: 'comments',
    instead: 'change the code so that it needs none',
    where: everywhere,
  },
  {
    what: 'a switch that turns verification off',
    pattern: /--insecure\b|\brejectUnauthorized\s*:\s*false\b|NODE_TLS_REJECT_UNAUTHORIZED/g,
    in: 'text',
    instead: 'pin the certificate from the agreement; there is no off switch',
    where: agent,
  },
  {
    what: 'a guessed port',
    pattern: /\bfreePort\s*\(/g,
    instead: 'give the daemon port 0 and ask it, or take ownEndpoint() of #test/process/own-endpoint.ts',
    where: (path) => path !== 'test/bench/ssh-server.ts',
  },
  {
    what: 'process.exit',
    pattern: /\bprocess\.(?:exit|abort|reallyExit)\b/g,
    instead: 'throw a DongboError, or return an exit code to agent/main.ts',
    where: outsideMain,
  },
  {
    what: 'process.env',
    pattern: /\bprocess\.env\b/g,
    instead: 'read it in agent/main.ts or agent/sys and hand it in',
    where: (path) => outsideMain(path) && outsideSys(path),
  },
];

export function banFaults(source: Source): string[] {
  const applying = bans.filter((ban) => ban.where(source.path));
  return applying.flatMap((ban) => {
    const text = ban.in === undefined ? source.code : source[ban.in];
    const places = [...text.matchAll(ban.pattern)].map((match) => lineAt(text, match.index));
    return places.map((line) => `${source.path}:${line}: ${ban.what} is banned here: ${ban.instead}`);
  });
}

const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)*\.ts$/;

export function nameFaults({ path }: Source): string[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === 'index.ts' && path !== 'agent/core/messages/index.ts') {
    return [`${path}: no barrels: import from the file that has it`];
  }
  if (/^(?:utils?|helpers?|common|misc|types)\.ts$/.test(name)) {
    return [`${path}: name the file after the one thing that it holds`];
  }
  return kebab.test(name) ? [] : [`${path}: file names are kebab-case, after what the file holds`];
}
