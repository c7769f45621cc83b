/** `dongbo audit`: verify, show, export. */
import { type Command, Option } from 'commander';
import { defaultConfigFile } from './config-file.ts';
import type { ProgramIo } from './program-io.ts';
import type { ProgramWords } from './program-words.ts';

export function addAuditCommands(
  program: Command,
  say: ProgramWords,
  io: ProgramIo,
  ended: (code: number) => void,
): void {
  const audit = program.command('audit').description(say.audit);
  const command = (name: string, description: string) =>
    audit
      .command(name)
      .description(description)
      .option('--config <file>', say.config, defaultConfigFile)
      .option('--keys <dir>', say.keys)
      .option('--card <file>', say.auditCard);
  command('verify', say.auditVerify).action(async (options) => {
    const { runAuditVerify } = await import('./audit.ts');
    ended(await runAuditVerify(options, io));
  });
  command('show', say.auditShow)
    .option('--from <date>', say.from)
    .option('--to <date>', say.to)
    .option('--agency <id>', say.ofAgency)
    .action(async (options) => {
      const { runAuditShow } = await import('./audit.ts');
      ended(await runAuditShow(options, io));
    });
  command('export', say.auditExport)
    .option('--from <date>', say.from)
    .option('--to <date>', say.to)
    .option('--agency <id>', say.ofAgency)
    .addOption(new Option('--format <format>', say.format).choices(['csv', 'json']).default('csv'))
    .action(async (options) => {
      const { runAuditExport } = await import('./audit.ts');
      ended(await runAuditExport(options, io));
    });
}
