/** `dongbo corrections`: list, show, accept, refuse. */
import type { Command } from 'commander';
import { defaultConfigFile } from './config-file.ts';
import type { ProgramIo } from './program-io.ts';
import type { ProgramWords } from './program-words.ts';

export function addCorrectionCommands(
  program: Command,
  say: ProgramWords,
  io: ProgramIo,
  ended: (code: number) => void,
): void {
  const corrections = program.command('corrections').description(say.corrections);
  const command = (name: string, description: string): Command =>
    corrections
      .command(name)
      .description(description)
      .option('--config <file>', say.config, defaultConfigFile);
  command('list', say.correctionsList).action(async (options) => {
    const { runCorrectionsList } = await import('./corrections.ts');
    ended(await runCorrectionsList(options, io));
  });
  command('show <id>', say.correctionsShow).action(async (id: string, options) => {
    const { runCorrectionsShow } = await import('./corrections.ts');
    ended(await runCorrectionsShow(id, options, io));
  });
  const decide = (name: string, description: string, accept: boolean) =>
    command(name, description)
      .option('--reason <text>', say.correctionsReason)
      .option('--by <name>', say.by)
      .action(async (id: string, options) => {
        const { runCorrectionsDecide } = await import('./corrections.ts');
        ended(await runCorrectionsDecide(id, { accept, ...options }, io));
      });
  decide('accept <id>', say.correctionsAccept, true);
  decide('refuse <id>', say.correctionsRefuse, false);
}
