/** The chain that leads to a label, line by line. */
import type { Agreement } from '#agent/core/agreement.ts';
import { labelClass, labelWithin } from '#agent/core/label.ts';
import type { AppliedRule } from '#agent/core/label-rules.ts';
import { render } from '#agent/core/messages/index.ts';
import type { Details } from '#agent/core/errors.ts';
import type { PublishedFact } from '#agent/cycle/label-facts.ts';
import type { LabelChain } from './label-chain.ts';
import { type LabelWords, labelWords } from './label-words.ts';
import type { ProgramIo } from './program-io.ts';

export function showChain(chain: LabelChain, agreement: Agreement, configured: boolean, io: ProgramIo): void {
  const say = labelWords[io.lang];
  const { label, ruled, rules, published, broken } = chain;
  io.out(`${say.label}: ${label ? labelClass(label) : say.none}`);
  for (const rule of rules) io.out(`  ${ruleText(rule, say)}`);
  if (!configured && rules.length === 0) io.out(`  ${say.whole}`);
  for (const fact of published) io.out(`  ${publishedText(fact, agreement, say)}`);
  if (chain.package) io.out(`  ${packageText(chain.package, say)}`);
  if (label && !(ruled && labelWithin(label, ruled)))
    tell(io, 'LABEL_NOT_LOWERED', { label: labelClass(label) });
  if (broken) io.out(`  ${say.file} ${broken.path}`);
  if (broken) tell(io, broken.code, broken.details);
  if (chain.unknown !== undefined) io.out(`  ${say.unknown} (${chain.unknown})`);
}

export function ruleText({ path, file, at, gone, ...says }: AppliedRule, say: LabelWords): string {
  const parts = Object.entries(says).map(([field, value]) => `${field} ${value}`);
  if (at !== undefined)
    return `${say.decision} ${placeText(path, say)}: ${parts.join(', ')}, ${new Date(at).toISOString()}`;
  const what = gone ? say.gone : file === undefined ? say.rule : `${say.file} ${file}, ${say.rule}`;
  return `${what} "${path}": ${parts.join(', ')}`;
}

/** A decision that names a level of secrecy is kept without the name of the item. */
function placeText(path: string, say: LabelWords): string {
  if (path === '') return say.wholeSpace;
  return path.startsWith('#') ? `${say.hidden} (${path.slice(1, 9)})` : `"${path}"`;
}

export function publishedText(
  { labelClass: was, node, holds }: PublishedFact,
  { members }: Agreement,
  say: LabelWords,
): string {
  const agency = members.find(({ card }) => card.node === node)?.card.agency ?? node.slice(0, 16);
  const lifted = holds === was ? '' : `; ${say.lifted}: ${holds}`;
  return `${say.published} ${was} (${agency})${lifted}`;
}

export const packageText = (of: { path: string; labelClass?: string }, say: LabelWords): string =>
  `${say.package} ${of.path === '' ? say.wholeSpace : `"${of.path}"`}: ${of.labelClass ?? say.none}`;

export function tell(io: ProgramIo, code: string, details: Details): void {
  const { what, todo } = render(code, details, io.lang);
  io.out(`  ${what}`);
  io.out(`  → ${todo}`);
}
