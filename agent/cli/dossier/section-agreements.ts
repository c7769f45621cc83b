/** The agreements: all twelve items of R12, what they rest on, the road (R11), revisions, notices (R15). */
import { termNames } from '#agent/core/agreement-terms.ts';
import { agreementWords } from './agreement-words.ts';
import type { AgreementFacts } from './agreement-schema.ts';
import { type Block, heading, paragraph, table } from './block.ts';
import { actText, commonWords, dayText, validityText } from './common-words.ts';
import type { Dossier } from './dossier-schema.ts';

type Language = Dossier['language'];

export function agreementsSection({ agreements, language }: Dossier): Block[] {
  const say = agreementWords[language];
  if (agreements.length === 0) return [heading(2, say.title), paragraph(say.none)];
  const each = agreements.flatMap((agreement) => [
    heading(3, `${agreement.name} (${agreement.space})`),
    table(say.itemHead, itemRows(agreement, language)),
    table(say.restHead, restRows(agreement, language)),
  ]);
  return [heading(2, say.title), ...each];
}

/** In the order of the law: parties, content, place, term, and so on. */
function itemRows(agreement: AgreementFacts, language: Language): string[][] {
  const say = agreementWords[language];
  const { members, notBefore, term, terms } = agreement;
  const parties = members.map(({ agency, name }) => `${agency} ${name}`).join('; ');
  const period = `${dayText(notBefore, language)} – ${validityText(term, language)}`;
  const [content, place, ...others] = termNames.map((name) => [say.terms[name], terms[name]]);
  const items = [[say.parties, parties], content, place, [say.term, period], ...others];
  return items.map((item, i) => [String(i + 1), ...(item ?? [])]);
}

function restRows(agreement: AgreementFacts, language: Language): string[][] {
  const say = agreementWords[language];
  const { standing, trial, revision, digest, previous, label, suite, notice } = agreement;
  const shared = commonWords(language);
  return [
    [say.standing, `${standing === 'in-force' ? say.inForce : standing}${trial ? `; ${say.trial}` : ''}`],
    [say.notice, notice ? noticeText(notice, language) : shared.none],
    [say.basis, agreement.legalBasis.map((basis) => basisText(basis, language)).join('\n')],
    [say.route, routeText(agreement.route, language)],
    [say.revision, String(revision)],
    [say.digest, digest],
    [say.previous, previous.length > 0 ? previous.join('\n') : shared.none],
    [say.label, label],
    [say.suite, suite],
    [say.retention, String(agreement.retentionDays)],
    [say.freshness, String(agreement.freshnessHours)],
    [say.history, agreement.history ? shared.yes : shared.no],
  ];
}

function noticeText(
  { notice, number, reason, issued }: NonNullable<AgreementFacts['notice']>,
  language: Language,
) {
  const say = agreementWords[language];
  const word = Object.hasOwn(say.notices, notice) ? say.notices[notice as keyof typeof say.notices] : notice;
  return `${word} (${say.number} ${number}, ${dayText(issued, language)}): ${reason}`;
}

function basisText(
  { id, is, from, to, successors }: AgreementFacts['legalBasis'][number],
  language: Language,
) {
  const say = agreementWords[language];
  const act = actText(id, language);
  if (is === 'replaced' && to !== undefined) {
    const after = successors.map((next) => actText(next, language)).join(', ');
    return `${act}: ${say.replaced(plainDay(to, language), after)}`;
  }
  return `${act}: ${is === 'not-yet' ? say.notYet(plainDay(from ?? '', language)) : say[is === 'in-force' ? 'basisInForce' : 'unknown']}`;
}

/** A day of the table of acts. */
const plainDay = (day: string, language: Language): string =>
  language === 'vi' ? day.split('-').reverse().join('/') : day;

function routeText({ kind, platform, exception }: AgreementFacts['route'], language: Language): string {
  const say = agreementWords[language];
  if (kind === 'within-system') return say.within;
  if (!exception) return `${say.shared} ${platform ?? ''}`;
  const { approver, reason, valid } = exception;
  return `${say.direct} ${approver} (${validityText(valid, language)}): ${reason}`;
}
