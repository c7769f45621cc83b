/** The commands that make and show keys, cards and agreements. */
import type { Command } from 'commander';
import { type NoticeKind, noticeKinds } from '#agent/core/notice.ts';
import type { ProgramIo } from './program-io.ts';
import type { ProgramWords } from './program-words.ts';

const defaultState = '/var/lib/dongbo';
const defaultTermDays = 365;

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

export function addTrustCommands(program: Command, say: ProgramWords, io: ProgramIo): void {
  const place = (command: Command): Command =>
    command.option('--state <dir>', say.state, defaultState).option('--keys <dir>', say.keys);
  addInit(place(program.command('init').description(say.init)), say, io);
  addCard(place(program.command('card').description(say.card)), say, io);
  const agreement = program.command('agreement').description(say.agreement);
  addAgreementNew(place(agreement.command('new').description(say.agreementNew)), say, io);
  addAgreementAmend(place(agreement.command('amend').description(say.agreementAmend)), say, io);
  addAgreementFiles(agreement, place, say, io);
  for (const kind of noticeKinds) {
    const command = place(agreement.command(kind).description(say.notices[kind]));
    addAgreementNotice(command, kind, say, io);
  }
}

function addInit(command: Command, say: ProgramWords, io: ProgramIo): void {
  command
    .requiredOption('--agency <id>', say.agency)
    .requiredOption('--name <name>', say.agencyName)
    .action(async (options) => {
      const { runInit } = await import('./init.ts');
      await runInit(options, io);
    });
}

function addCard(command: Command, say: ProgramWords, io: ProgramIo): void {
  command.option('--out <file>', say.out).action(async (options) => {
    const { runCard } = await import('./card.ts');
    await runCard(options, io);
  });
  command
    .command('show <file>')
    .description(say.cardShow)
    .option('--expect <fingerprint>', say.expect)
    .action(async (file: string, options) => {
      const { runCardShow } = await import('./card.ts');
      await runCardShow({ file, ...options }, io);
    });
}

function addAgreementNew(command: Command, say: ProgramWords, io: ProgramIo): void {
  command
    .requiredOption('--name <name>', say.spaceName)
    .option('--member <card:roles>', say.member, collect, [])
    .option('--relay <card>', say.relay, collect, [])
    .option('--own <roles>', say.own, 'publish,subscribe')
    .option('--label <label>', say.label, 'INTERNAL')
    .option('--suite <suite>', say.suite, 'nacl-pq')
    .option('--terms <file>', say.terms)
    .option('--term-days <days>', say.term, Number, defaultTermDays)
    .requiredOption('--out <file>', say.out)
    .action(async ({ member: members, relay: relays, ...options }) => {
      const { runAgreementNew } = await import('./agreement-new.ts');
      await runAgreementNew({ ...options, members, relays }, io);
    });
}

function addAgreementAmend(command: Command, say: ProgramWords, io: ProgramIo): void {
  command
    .requiredOption('--space <id>', say.spaceId)
    .option('--member <card:roles>', say.member, collect, [])
    .option('--relay <card>', say.relay, collect, [])
    .option('--remove <member>', say.remove, collect, [])
    .option('--terms <file>', say.terms)
    .option('--term-days <days>', say.term, Number)
    .requiredOption('--out <file>', say.out)
    .action(async ({ member: members, relay: relays, ...options }) => {
      const { runAgreementAmend } = await import('./agreement-amend.ts');
      await runAgreementAmend({ ...options, members, relays }, io);
    });
}

function addAgreementNotice(command: Command, kind: NoticeKind, say: ProgramWords, io: ProgramIo): void {
  command
    .requiredOption('--space <id>', say.spaceId)
    .requiredOption('--reason <text>', say.reason)
    .requiredOption('--out <file>', say.out)
    .action(async (options) => {
      const { runAgreementNotice } = await import('./agreement-notice.ts');
      await runAgreementNotice(kind, options, io);
    });
}

function addAgreementFiles(
  agreement: Command,
  place: (command: Command) => Command,
  say: ProgramWords,
  io: ProgramIo,
): void {
  place(agreement.command('sign <file>').description(say.agreementSign)).action(
    async (file: string, options) => {
      const { runAgreementSign } = await import('./agreement.ts');
      await runAgreementSign({ ...options, file }, io);
    },
  );
  agreement
    .command('show <file>')
    .description(say.agreementShow)
    .action(async (file: string) => {
      const { runAgreementShow } = await import('./agreement.ts');
      await runAgreementShow({ file }, io);
    });
  agreement
    .command('validate <file>')
    .description(say.agreementValidate)
    .action(async (file: string) => {
      const { runAgreementValidate } = await import('./agreement-validate.ts');
      await runAgreementValidate({ file }, io);
    });
  place(agreement.command('accept <file>').description(say.agreementAccept)).action(
    async (file: string, options) => {
      const { runAgreementAccept } = await import('./agreement.ts');
      await runAgreementAccept({ ...options, file }, io);
    },
  );
}
