/** `dongbo status`: the state of every space, once or watched; `--problems` names the items, through the control socket. */
import { join } from 'node:path';
import type { SpaceId } from '#agent/core/ids.ts';
import { render } from '#agent/core/messages/index.ts';
import { callControl } from '#agent/status/control-client.ts';
import type { Snapshot } from '#agent/status/snapshot.ts';
import { loadConfig } from './config.ts';
import type { Config } from './config-schema.ts';
import { exitCodes, type ProgramIo } from './program-io.ts';
import { fetchSnapshot } from './status-client.ts';
import { statusLines } from './status-text.ts';
import { watchStatus } from './status-watch.ts';
import { statusWords } from './status-words.ts';

export interface StatusOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly problems?: boolean;
  /** Exit with 3 unless every space is in step. */
  readonly exitCode?: boolean;
}

export const controlSocket = ({ state }: Pick<Config, 'state'>): string => join(state, 'control.sock');

/** Throws CONFIG_…, STATUS_…, CONTROL_…. */
export async function runStatus(options: StatusOptions, io: ProgramIo): Promise<number> {
  const config = await loadConfig(options.config);
  const fetch = () => fetchSnapshot(config, io.signal);
  if (options.watch) {
    await watchStatus(fetch, io).catch(unlessStopped(io));
    return exitCodes.ok;
  }
  const snapshot = await fetch();
  if (options.problems) await printProblems(config, snapshot, io);
  else if (options.json) io.out(JSON.stringify(snapshot, undefined, 2));
  else for (const line of statusLines(snapshot, io)) io.out(line);
  return options.exitCode && snapshot.state !== 'in-step' ? exitCodes.notInStep : exitCodes.ok;
}

/** Ctrl-C is how a watch ends. */
const unlessStopped =
  ({ signal }: ProgramIo) =>
  (error: unknown): void => {
    if (!signal.aborted) throw error;
  };

const maxProblems = 1000;

async function printProblems(config: Config, snapshot: Snapshot, io: ProgramIo): Promise<void> {
  const say = statusWords[io.lang];
  const ill = snapshot.spaces.filter((space) => space.problems > 0);
  if (ill.length === 0) io.out(say.noProblems);
  for (const { space, name } of ill) {
    io.out(`${say.space} "${name}" ${space}`);
    const command = { do: 'problems', space: space as SpaceId, limit: maxProblems } as const;
    const answer = await callControl(controlSocket(config), command, io.signal);
    if (!('problems' in answer)) continue;
    for (const { code, path, details } of answer.problems) {
      const { what, todo } = render(code, { path, ...details }, io.lang);
      io.out(`  ${JSON.stringify(path)}`);
      io.out(`    ${code}: ${what}`);
      io.out(`    → ${todo}`);
    }
    if (answer.more) io.out(say.more);
  }
}
