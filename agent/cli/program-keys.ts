/** `dongbo keys`: list, rotate, exposed. */
import { type Command, Option } from 'commander';
import { defaultConfigFile } from './config-file.ts';
import type { ProgramIo } from './program-io.ts';
import { programWords } from './program-words.ts';

const helps = {
  en: {
    keys: 'the keys that items are sealed under, by label',
    list: 'who holds which epoch, since when',
    rotate: 'seal under new keys from now on',
    exposed: 'what a member was able to read, also after it has left',
    space: 'only this space',
    label: 'only this label class, such as INTERNAL or RESTRICTED+PD:BASIC',
    member: 'agency e-ID or node id',
    format: 'text, or json (one object a line)',
    formats: 'text, csv, or json (one object a line)',
  },
  vi: {
    keys: 'khoá niêm phong theo nhãn',
    list: 'bên nào giữ kỳ khoá nào, từ khi nào',
    rotate: 'từ nay niêm phong bằng khoá mới',
    exposed: 'dữ liệu mà một thành viên đã có thể đọc, kể cả sau khi rời đi',
    space: 'chỉ không gian này',
    label: 'chỉ nhãn này, ví dụ INTERNAL hoặc RESTRICTED+PD:BASIC',
    member: 'mã định danh cơ quan hoặc mã nút',
    format: 'text, hoặc json (mỗi dòng một đối tượng)',
    formats: 'text, csv, hoặc json (mỗi dòng một đối tượng)',
  },
} as const;

export function addKeysCommands(program: Command, io: ProgramIo, ended: (code: number) => void): void {
  const say = helps[io.lang];
  const { config, by, reason } = programWords[io.lang];
  const keys = program.command('keys').description(say.keys);
  const command = (name: string, description: string): Command =>
    keys
      .command(name)
      .description(description)
      .option('--config <file>', config, defaultConfigFile)
      .option('--space <id>', say.space);
  command('list', say.list)
    .addOption(new Option('--format <format>', say.format).choices(['text', 'json']).default('text'))
    .action(async (options) => {
      const { runKeysList } = await import('./keys-list.ts');
      ended(await runKeysList(options, io));
    });
  command('rotate', say.rotate)
    .option('--label <class>', say.label)
    .option('--reason <text>', reason)
    .option('--by <name>', by)
    .action(async (options) => {
      const { runKeysRotate } = await import('./keys-rotate.ts');
      ended(await runKeysRotate(options, io));
    });
  command('exposed', say.exposed)
    .requiredOption('--member <member>', say.member)
    .addOption(new Option('--format <format>', say.formats).choices(['text', 'csv', 'json']).default('text'))
    .action(async (options) => {
      const { runKeysExposed } = await import('./keys-exposed.ts');
      ended(await runKeysExposed(options, io));
    });
}
