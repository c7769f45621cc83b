/** `dongbo label`: set, show, list. */
import type { Command } from 'commander';
import { defaultConfigFile } from './config-file.ts';
import { labelWords } from './label-words.ts';
import type { ProgramIo } from './program-io.ts';
import type { ProgramWords } from './program-words.ts';

export function addLabelCommands(program: Command, { config }: ProgramWords, io: ProgramIo): void {
  const say = labelWords[io.lang].commands;
  const label = program.command('label').description(say.label);
  const command = (name: string, description: string) =>
    label.command(name).description(description).option('--config <file>', config, defaultConfigFile);
  command('set <path>', say.set)
    .option('--sensitivity <level>', say.sensitivity)
    .option('--secrecy <level>', say.secrecy)
    .option('--personal-data <kind>', say.personalData)
    .option('--package', say.package)
    .option('--no-package', say.noPackage)
    .requiredOption('--decided-by <who>', say.decidedBy)
    .requiredOption('--decision-ref <ref>', say.decisionRef)
    .action(async (path: string, options) => {
      const { runLabelSet } = await import('./label.ts');
      await runLabelSet(path, options, io);
    });
  command('show <path>', say.show).action(async (path: string, options) => {
    const { runLabelShow } = await import('./label.ts');
    await runLabelShow(path, options, io);
  });
  command('list', say.list).action(async (options) => {
    const { runLabelList } = await import('./label.ts');
    await runLabelList(options, io);
  });
}
