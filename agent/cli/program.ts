/** The commands and their options. Each command is loaded when it is called, so that help is quick. */
import { Command, CommanderError } from 'commander';
import { defaultConfigFile } from './config-file.ts';
import { errorLines } from './error-text.ts';
import { addAuditCommands } from './program-audit.ts';
import { addDossier } from './program-dossier.ts';
import { addLabelCommands } from './program-label.ts';
import { addCorrectionCommands } from './program-corrections.ts';
import { exitCodes, type ProgramIo } from './program-io.ts';
import { addKeysCommands } from './program-keys.ts';
import { addTrustCommands } from './program-trust.ts';
import { type ProgramWords, programWords } from './program-words.ts';
import { version } from './version.ts';

/** Runs one command to its end; failures are shown, never thrown. Returns the exit code. `argv` without node and file. */
export async function runProgram(argv: readonly string[], io: ProgramIo): Promise<number> {
  const outcome = { code: exitCodes.ok as number };
  try {
    await createProgram(io, (code) => {
      outcome.code = code;
    }).parseAsync([...argv], { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    for (const line of errorLines(error, io.lang)) io.err(line);
    return exitCodes.error;
  }
}

function createProgram(io: ProgramIo, ended: (code: number) => void): Command {
  const say = programWords[io.lang];
  const program = new Command('dongbo')
    .description(`dongbo ${version}: ${say.about}`)
    .option('--lang <vi|en>', say.lang)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
    });
  addTrustCommands(program, say, io);
  addCheckAndRun(program, say, io, ended);
  addStatus(program, say, io, ended);
  addControl(program, say, io, ended);
  addLabelCommands(program, say, io);
  addAuditCommands(program, say, io, ended);
  addDossier(program, say, io, ended);
  addCorrectionCommands(program, say, io, ended);
  addKeysCommands(program, io, ended);
  program
    .command('version')
    .description(say.version)
    .action(() => io.out(`dongbo ${version} (node ${process.version})`));
  return program;
}

type Add = (program: Command, say: ProgramWords, io: ProgramIo, ended: (code: number) => void) => void;

const withConfig = (command: Command, say: ProgramWords): Command =>
  command.option('--config <file>', say.config, defaultConfigFile);

const addCheckAndRun: Add = (program, say, io, ended) => {
  withConfig(program.command('check').description(say.check), say).action(async (options) => {
    const { runCheck } = await import('./check.ts');
    ended(await runCheck(options, io));
  });
  withConfig(program.command('explain <path>').description(say.explain), say)
    .option('--member <member>', say.explainMember)
    .action(async (path, options) => {
      const { runExplain } = await import('./explain.ts');
      await runExplain(path, options, io);
    });
  withConfig(program.command('run').description(say.run), say).action(async (options) => {
    const { runRun } = await import('./run.ts');
    ended(await runRun(options, io));
  });
};

const addStatus: Add = (program, say, io, ended) => {
  withConfig(program.command('status').description(say.status), say)
    .option('--json', say.json)
    .option('--watch', say.watch)
    .option('--problems', say.problems)
    .option('--exit-code', say.exitCode)
    .action(async (options) => {
      const { runStatus } = await import('./status.ts');
      ended(await runStatus(options, io));
    });
};

const addControl: Add = (program, say, io, ended) => {
  withConfig(program.command('release <space>').description(say.release), say)
    .requiredOption('--reason <text>', say.reason)
    .option('--by <name>', say.by)
    .action(async (space: string, options) => {
      const { runRelease } = await import('./release.ts');
      ended(await runRelease({ space, ...options }, io));
    });
  withConfig(program.command('scan [space]').description(say.scan), say).action(
    async (space: string | undefined, options) => {
      const { runScan } = await import('./scan.ts');
      ended(await runScan({ ...(space === undefined ? {} : { space }), ...options }, io));
    },
  );
};
