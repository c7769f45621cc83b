/** `dongbo label set|show|list`: what people decide about labels goes to the running agent, and on the record. */
import { DongboError } from '#agent/core/errors.ts';
import { labelRule } from '#agent/core/label-rule-schema.ts';
import { ruleOf } from '#agent/core/schema-rule.ts';
import { callControl } from '#agent/status/control-client.ts';
import { loadConfig } from './config.ts';
import { kindOf, labelChain } from './label-chain.ts';
import { ruleText, showChain } from './label-chain-text.ts';
import { holdersOf } from './label-holders.ts';
import { partsOfPath } from './label-parts.ts';
import { labelWords } from './label-words.ts';
import type { ProgramIo } from './program-io.ts';
import { controlSocket } from './status.ts';

export interface LabelOptions {
  readonly config: string;
}

export interface LabelSetOptions extends LabelOptions {
  readonly sensitivity?: string;
  readonly secrecy?: string;
  readonly personalData?: string;
  readonly package?: boolean;
  readonly decidedBy: string;
  readonly decisionRef: string;
}

/** Throws CONFIG_…, EXPLAIN_NO_SPACE, LABEL_DECISION_…, CONTROL_…, AUDIT_…. */
export async function runLabelSet(path: string, options: LabelSetOptions, io: ProgramIo): Promise<void> {
  const parts = await partsFor(path, options, io);
  const { config, space, inside, agreement } = parts;
  const decision = { ...decisionFrom(options), path: inside };
  const kind = await kindOf(space, inside);
  const command = {
    do: 'label-set',
    space: space.space,
    decision,
    kind: kind ?? 'file',
    by: io.user,
  } as const;
  const answer = await callControl(controlSocket(config), command, io.signal);
  if (!('facts' in answer)) throw new DongboError('CONTROL_MALFORMED');
  const say = labelWords[io.lang];
  const { facts } = answer;
  io.out(`${say.recorded}. ${say.label}: ${facts.labelClass || say.none}`);
  if (!kind) io.out(`  ${say.absent}`);
  if (facts.stays) io.out(`  ${say.stays}: ${facts.stays}`);
  for (const line of holdersOf(facts, decision, agreement, say)) io.out(`  ${say.held}: ${line}`);
}

function decisionFrom({ config: _, ...given }: LabelSetOptions) {
  const parsed = labelRule.safeParse({ path: '.', ...given });
  const issue = parsed.error?.issues[0];
  if (issue) {
    const field = `--${String(issue.path[0] ?? '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new DongboError('LABEL_DECISION_FIELD', { ...ruleOf(issue), field, requirement: 'R05' });
  }
  const { decidedBy, decisionRef, path: _path, ...says } = parsed.data ?? { path: '' };
  if (Object.keys(says).length === 0) throw new DongboError('LABEL_DECISION_EMPTY');
  return { ...says, decidedBy: decidedBy ?? '', decisionRef: decisionRef ?? '' };
}

/** Throws CONFIG_…, EXPLAIN_NO_SPACE, AGREEMENT_ABSENT. */
export async function runLabelShow(path: string, options: LabelOptions, io: ProgramIo): Promise<void> {
  const parts = await partsFor(path, options, io);
  const { space, inside, agreement } = parts;
  const say = labelWords[io.lang];
  io.out(`${say.space}: ${agreement.name} (${space.space})`);
  showChain(await labelChain(parts, inside, io), agreement, space.labels.length > 0, io);
}

/** Throws CONFIG_…, CONTROL_…. */
export async function runLabelList(options: LabelOptions, io: ProgramIo): Promise<void> {
  const config = await loadConfig(options.config);
  const say = labelWords[io.lang];
  for (const { space } of config.spaces) {
    const answer = await callControl(controlSocket(config), { do: 'label-list', space }, io.signal);
    const decisions = 'decisions' in answer ? answer.decisions : [];
    io.out(`${say.space}: ${space}`);
    if (decisions.length === 0) io.out(`  ${say.noDecisions}`);
    for (const decision of decisions) io.out(`  ${ruleText(decision, say)}`);
  }
}

const partsFor = async (path: string, { config }: LabelOptions, io: ProgramIo) =>
  partsOfPath(await loadConfig(config), path, io);
