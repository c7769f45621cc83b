/** `dongbo dossier`. */
import { type Command, Option } from 'commander';
import { defaultConfigFile } from './config-file.ts';
import type { ProgramIo } from './program-io.ts';
import type { ProgramWords } from './program-words.ts';

export function addDossier(
  program: Command,
  say: ProgramWords,
  io: ProgramIo,
  ended: (code: number) => void,
): void {
  program
    .command('dossier')
    .description(say.dossier)
    .option('--config <file>', say.config, defaultConfigFile)
    .option('--keys <dir>', say.keys)
    .option('--card <file>', say.auditCard)
    .option('--out <file>', say.out)
    .addOption(
      new Option('--format <format>', say.dossierFormat).choices(['md', 'html', 'json']).default('md'),
    )
    .action(async (options) => {
      const { runDossier } = await import('./dossier.ts');
      ended(await runDossier(options, io));
    });
}
