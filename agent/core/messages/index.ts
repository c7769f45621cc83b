/** All texts of all areas, and how a code becomes words. */
import type { Details } from '#agent/core/errors.ts';
import { agreementMessages } from './agreement.ts';
import { applyMessages } from './apply.ts';
import { auditMessages } from './audit.ts';
import type { Messages } from './catalogue.ts';
import { cipherMessages } from './cipher.ts';
import { configMessages } from './config.ts';
import { isRule, ruleText } from './config-rules.ts';
import { coreMessages } from './core.ts';
import { correctionMessages } from './correction.ts';
import { cycleMessages } from './cycle.ts';
import { eventMessages } from './event.ts';
import { exchangeMessages } from './exchange.ts';
import { feedMessages } from './feed.ts';
import { labelMessages } from './labels.ts';
import { freshnessMessages } from './freshness.ts';
import { keysMessages } from './keys.ts';
import type { Language } from './language.ts';
import { policyMessages } from './policy.ts';
import { statusMessages } from './status.ts';
import { storeMessages } from './store.ts';
import { sysMessages } from './sys.ts';
import { trustMessages } from './trust.ts';

/** Each area's own texts; `catalogue` is their union. A code belongs to one area only. */
export const areas: readonly Messages[] = [
  agreementMessages,
  applyMessages,
  auditMessages,
  cipherMessages,
  configMessages,
  coreMessages,
  correctionMessages,
  cycleMessages,
  eventMessages,
  exchangeMessages,
  feedMessages,
  labelMessages,
  freshnessMessages,
  keysMessages,
  policyMessages,
  statusMessages,
  storeMessages,
  sysMessages,
  trustMessages,
];

export const catalogue: Messages = Object.assign({}, ...areas);

export interface Rendered {
  readonly code: string;
  /** What happened, to what. */
  readonly what: string;
  /** What the person can do. */
  readonly todo: string;
}

const unknown = {
  en: 'Unexpected: {code}',
  vi: 'Lỗi ngoài dự kiến: {code}',
  doEn: 'Report it to the people who look after dongbo, with the log around this line.',
  doVi: 'Báo cho bộ phận phụ trách dongbo, kèm nhật ký quanh dòng này.',
};

/** The text of a code, its placeholders filled from `details`. A code without a text is still shown, with its details. */
export function render(code: string, details: Details, language: Language): Rendered {
  const message = Object.hasOwn(catalogue, code) ? catalogue[code] : undefined;
  const { en, vi, doEn, doVi } = message ?? unknown;
  const all = message ? details : { code: withDetails(code, details) };
  const values = translateRule(all, language);
  return {
    code,
    what: fill(language === 'vi' ? vi : en, values),
    todo: fill(language === 'vi' ? doVi : doEn, values),
  };
}

/** The rules of the configuration have texts of their own in each language. */
function translateRule(details: Details, language: Language): Details {
  const words: Record<string, string> = {};
  for (const name of ['rule', 'found']) {
    const value = details[name];
    if (isRule(value)) words[name] = fill(ruleText(value, language), details);
  }
  return { ...details, ...words };
}

/** A placeholder without a value stays visible: a missing detail is a fault to be seen. */
const fill = (text: string, details: Details): string =>
  text.replace(/\{(\w+)\}/g, (hole, name: string) =>
    Object.hasOwn(details, name) ? printable(String(details[name])) : hole,
  );

/** Details may come from another machine: nothing in them may drive the terminal. */
const printable = (text: string): string => text.replace(/\p{C}/gu, '\u{fffd}');

const withDetails = (code: string, details: Details): string =>
  [code, ...Object.entries(details).map(([name, value]) => `${name}=${value}`)].join(' ');
