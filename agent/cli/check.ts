/** `dongbo check`: everything that can be found wrong before the agent starts, all at once. Changes nothing. */
import { join } from 'node:path';
import { DongboError } from '#agent/core/errors.ts';
import { render } from '#agent/core/messages/index.ts';
import { AgreementBook, isRefusal } from '#agent/seal/agreement-book.ts';
import { type Identity, loadIdentity } from '#agent/seal/identity.ts';
import { clockOf } from '#agent/sys/lived-time.ts';
import { checkCipher } from './check-cipher.ts';
import { checkFolders } from './check-folders.ts';
import { checkPeers } from './check-peers.ts';
import { checkWatch } from './check-watch.ts';
import { type ConfigIssue, keysDirOf, type LoadedConfig, loadConfigFile } from './config.ts';
import { issueLines } from './error-text.ts';
import { exitCodes, type ProgramIo } from './program-io.ts';

export interface CheckOptions {
  readonly config: string;
}

/** Prints every fault; returns 1 when there is any. Throws CONFIG_UNREADABLE and ConfigError. */
export async function runCheck({ config: file }: CheckOptions, io: ProgramIo): Promise<number> {
  const loaded = await loadConfigFile(file);
  const issues = await checkMachine(file, loaded, io);
  for (const issue of issues) for (const line of issueLines(issue, io.lang)) io.err(line);
  if (issues.length > 0) return exitCodes.error;
  for (const note of await checkWatch(loaded, io)) {
    const { what, todo } = render(note.code, note.details, io.lang);
    io.out(`${note.code}: ${what}`);
    io.out(`  → ${todo}`);
  }
  const { spaces, peers } = loaded.config;
  const passed = { code: 'CHECK_PASSED', details: { file, spaces: spaces.length, peers: peers.length } };
  for (const line of issueLines(passed, io.lang)) io.out(line);
  return exitCodes.ok;
}

async function checkMachine(file: string, loaded: LoadedConfig, io: ProgramIo): Promise<ConfigIssue[]> {
  const { config } = loaded;
  const issues: ConfigIssue[] = await checkFolders(loaded, file);
  if (config.role === 'agent' && config.spaces.length === 0)
    issues.push({ code: 'CHECK_NO_SPACES', details: { file } });
  if (config.peers.length === 0 && !config.listen) issues.push({ code: 'CHECK_NO_LINKS', details: { file } });
  const identity = await loadIdentity(keysDirOf(config)).catch(asIssue);
  if ('node' in identity) issues.push(...(await checkTrust(loaded, identity, io)));
  else issues.push(identity);
  return issues;
}

/** An agreement in force for each space, and each peer a member of some agreement. */
async function checkTrust(loaded: LoadedConfig, identity: Identity, io: ProgramIo): Promise<ConfigIssue[]> {
  const { config } = loaded;
  const book = await AgreementBook.open(
    join(config.state, 'agreements'),
    identity,
    await clockOf(config.state, io.clock),
  );
  const refusals = config.spaces.map(({ space }) => book.inForce(space)).filter(isRefusal);
  const ofCipher = await checkCipher(loaded, { book, me: identity, io });
  return [...refusals, ...checkPeers(loaded, book.all()), ...ofCipher];
}

function asIssue(error: unknown): ConfigIssue {
  if (error instanceof DongboError) return { code: error.code, details: error.details };
  throw error;
}
