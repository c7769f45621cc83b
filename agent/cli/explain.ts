/**
 * `dongbo explain`: under which label an item stands by the rules of the configuration, which of them gave it, and for
 * each member whether it gets the item or why not. Offline: it opens neither the item nor the state.
 */
import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type { Agreement, Member } from '#agent/core/agreement.ts';
import { questionOf } from '#agent/core/agreement-policy.ts';
import { originalOf } from '#agent/core/conflict-name.ts';
import { DongboError } from '#agent/core/errors.ts';
import { highestLabel, type Label, labelClass } from '#agent/core/label.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { render } from '#agent/core/messages/index.ts';
import { type Decision, decide, requirementOf } from '#agent/core/policy.ts';
import { AgreementBook, isRefusal } from '#agent/seal/agreement-book.ts';
import { loadIdentity } from '#agent/seal/identity.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import type { FoundKind } from '#agent/store/store.ts';
import { keysDirOf, loadConfigFile } from './config.ts';
import type { SpaceConfig } from './config-schema.ts';
import { wordsFor } from './init-io.ts';
import type { ProgramIo } from './program-io.ts';

export interface ExplainOptions {
  readonly config: string;
  /** Only this agency or node; every member when absent. */
  readonly member?: string;
}

const words = {
  en: {
    space: 'Space',
    label: 'Label',
    none: 'none',
    rule: 'rule',
    whole: 'no rules: every item has the label of the space',
    gets: 'gets it, under the key of the epoch',
    getsSecret: 'gets it, under the state cipher',
    withheld: 'withheld',
  },
  vi: {
    space: 'Không gian',
    label: 'Nhãn',
    none: 'không có',
    rule: 'quy tắc',
    whole: 'không có quy tắc: mọi mục mang nhãn của không gian',
    gets: 'được nhận, dưới khoá của kỳ khoá',
    getsSecret: 'được nhận, dưới mật mã nhà nước',
    withheld: 'không được nhận',
  },
};

/** `path` is absolute, or within the folder of the only space. Throws CONFIG_…, EXPLAIN_NO_SPACE, EXPLAIN_NO_MEMBER. */
export async function runExplain(path: string, options: ExplainOptions, io: ProgramIo): Promise<void> {
  const { config } = await loadConfigFile(options.config);
  const identity = await loadIdentity(keysDirOf(config));
  const book = await AgreementBook.open(join(config.state, 'agreements'), identity, io.clock);
  const { space, inside } = spaceOf(config.spaces, path);
  const agreement = book.held(space.space)?.agreement;
  const standing = book.inForce(space.space);
  if (!agreement) throw new DongboError('AGREEMENT_ABSENT', { space: space.space });
  const say = wordsFor(io, words);
  const { label, rules } = labelOf(space, agreement, inside, await kindOf(join(space.folder, inside)));
  io.out(`${say.space}: ${agreement.name} (${space.space})`);
  io.out(`${say.label}: ${label ? labelClass(label) : say.none}`);
  for (const rule of rules) io.out(`  ${say.rule} ${ruleText(rule)}`);
  if (space.labels.length === 0) io.out(`  ${say.whole}`);
  if (isRefusal(standing)) tell(io, standing.code, standing.details);
  for (const member of membersOf(agreement, options.member)) {
    if (member.card.node === identity.node || member.roles.includes('relay')) continue;
    const flow = { publisher: identity.node, reader: member, label, now: io.clock.now() };
    const decision = decide(questionOf(agreement, flow));
    io.out(`${member.card.agency} ${member.card.name}: ${outcome(decision, say)}`);
    if (!decision.send) tell(io, decision.reason, { label: label ? labelClass(label) : '' });
  }
}

function spaceOf(spaces: readonly SpaceConfig[], path: string): { space: SpaceConfig; inside: string } {
  for (const space of spaces) {
    const inside = isAbsolute(path) ? relative(space.folder, path) : path;
    if (isAbsolute(path) ? !inside.startsWith('..') : spaces.length === 1) return { space, inside };
  }
  throw new DongboError('EXPLAIN_NO_SPACE', { path });
}

/** What is not there is explained as a file. */
async function kindOf(file: string): Promise<FoundKind> {
  const found = await stat(file).catch(() => undefined);
  return found?.isDirectory() ? 'dir' : 'file';
}

function labelOf(
  space: SpaceConfig,
  agreement: Agreement,
  inside: string,
  kind: FoundKind,
): { label: Label | undefined; rules: readonly LabelRule[] } {
  if (space.labels.length === 0)
    return { label: agreement.label.secrecy === 'NONE' ? agreement.label : undefined, rules: [] };
  const rules = new LabelRules(space.labels);
  const own = rules.of(inside, kind);
  const original = originalOf(inside);
  if (original === undefined) return own;
  const before = rules.of(original, kind);
  const label =
    own.label && before.label ? highestLabel(own.label, before.label) : (own.label ?? before.label);
  return { label, rules: [...new Set([...own.rules, ...before.rules])] };
}

function membersOf({ members }: Agreement, wanted: string | undefined): readonly Member[] {
  if (wanted === undefined) return members;
  const found = members.filter(({ card }) => card.node === wanted || card.agency === wanted);
  if (found.length === 0) throw new DongboError('EXPLAIN_NO_MEMBER', { member: wanted });
  return found;
}

function ruleText({ path, ...says }: LabelRule): string {
  const parts = Object.entries(says).map(([field, value]) => `${field} ${value}`);
  return `"${path}": ${parts.join(', ')}`;
}

function outcome(decision: Decision, say: (typeof words)['en']): string {
  if (!decision.send) return `${say.withheld} (${decision.reason}, ${requirementOf(decision.reason)})`;
  return decision.under === 'epoch-key' ? say.gets : say.getsSecret;
}

function tell(io: ProgramIo, code: string, details: DongboError['details']): void {
  const { what, todo } = render(code, details, io.lang);
  io.out(`  ${what}`);
  io.out(`  → ${todo}`);
}
