/** Words that several sections share. */
import type { Language } from '#agent/core/messages/language.ts';
import type { Validity } from './dossier-schema.ts';

const words = {
  en: {
    valid: (day: string) => `until ${day}`,
    soon: (day: string, days: number) => `ENDS IN ${days} DAYS (${day})`,
    over: (day: string) => `OVER since ${day}`,
    roles: { publish: 'publishes', subscribe: 'subscribes', relay: 'relay' },
    yes: 'yes',
    no: 'no',
    none: 'none',
    states: {
      'in-step': 'in step',
      syncing: 'syncing',
      waiting: 'waiting',
      stalled: 'stalled',
      'no-agreement': 'no agreement',
      halted: 'HALTED',
    },
  },
  vi: {
    valid: (day: string) => `đến ${day}`,
    soon: (day: string, days: number) => `CÒN ${days} NGÀY (${day})`,
    over: (day: string) => `HẾT HIỆU LỰC từ ${day}`,
    roles: { publish: 'cung cấp', subscribe: 'khai thác', relay: 'trạm trung chuyển' },
    yes: 'có',
    no: 'không',
    none: 'không có',
    states: {
      'in-step': 'đã đồng bộ',
      syncing: 'đang đồng bộ',
      waiting: 'đang chờ',
      stalled: 'bị tắc',
      'no-agreement': 'chưa có nội dung thống nhất',
      halted: 'TẠM DỪNG',
    },
  },
} as const;

export const commonWords = (language: Language) => words[language];

export function validityText({ until, is, days }: Validity, language: Language): string {
  const say = words[language];
  if (is === 'over') return say.over(dayText(until, language));
  // The last day that still counts, as people write it.
  const last = dayText(new Date(Date.parse(until) - 1).toISOString(), language);
  return is === 'soon' ? say.soon(last, days) : say.valid(last);
}

/** The day in Vietnam; Vietnamese writes 31/12/2026. */
export function dayText(instant: string, language: Language): string {
  const day = new Date(Date.parse(instant) + 7 * 3_600_000).toISOString().slice(0, 10);
  return language === 'vi' ? day.split('-').reverse().join('/') : day;
}

export function stateText(state: string, language: Language): string {
  const { states } = words[language];
  return Object.hasOwn(states, state) ? states[state as keyof typeof states] : state;
}

const kinds: readonly (readonly [RegExp, string, string])[] = [
  [/^ND-(\d+)-(\d+)$/, 'Decree $1/$2', 'Nghị định số $1/$2/NĐ-CP'],
  [/^L-(\d+)-(\d+)$/, 'Law $1/$2', 'Luật số $1/$2'],
  [/^TT-(\d+)-(\d+)$/, 'Circular $1/$2', 'Thông tư số $1/$2'],
  [/^QD-(\d+)-(\d+)$/, 'Decision $1 of $2', 'Quyết định số $1 năm $2'],
  [/^QCVN-(\d+)-(\d+)-(\w+)$/, 'QCVN $1:$2/$3', 'QCVN $1:$2/$3'],
];

/** The name of an act of `core/legal-basis.ts`, with its id. */
export function actText(id: string, language: Language): string {
  for (const [form, en, vi] of kinds)
    if (form.test(id)) return `${id.replace(form, language === 'vi' ? vi : en)} (${id})`;
  return id;
}
