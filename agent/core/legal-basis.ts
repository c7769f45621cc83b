/**
 * The acts that an agreement can rest on, as data: what was in force on a day, and what came after it. No logic hangs on
 * a number. Read second-hand in part: the agency's lawyer checks the text in force on the day.
 */

export interface LegalAct {
  readonly id: string;
  readonly article?: string;
  /** Days in Vietnam, `YYYY-MM-DD`: in force from `from` up to and without `to`. */
  readonly from: string;
  readonly to?: string;
  /** What replaced it, as ids of this table. */
  readonly successors?: readonly string[];
}

export const legalActs: readonly LegalAct[] = [
  { id: 'ND-47-2020', from: '2020-05-25', to: '2025-10-22', successors: ['ND-278-2025', 'ND-194-2025'] },
  { id: 'ND-278-2025', from: '2025-10-22' },
  { id: 'ND-194-2025', from: '2025-08-19' },
  { id: 'L-29-2018', from: '2020-07-01', to: '2026-03-01', successors: ['L-117-2025'] },
  { id: 'L-117-2025', article: '5', from: '2026-03-01' },
  { id: 'ND-26-2020', from: '2020-07-01', to: '2026-03-01', successors: ['ND-63-2026'] },
  { id: 'ND-63-2026', from: '2026-03-01' },
  { id: 'L-86-2015', from: '2016-07-01', to: '2026-07-01', successors: ['L-116-2025'] },
  { id: 'L-24-2018', from: '2019-01-01', to: '2026-07-01', successors: ['L-116-2025'] },
  { id: 'L-116-2025', from: '2026-07-01' },
  { id: 'ND-85-2016', from: '2016-07-01', to: '2026-07-01', successors: ['ND-331-2026'] },
  { id: 'ND-53-2022', from: '2022-10-01', to: '2026-07-01', successors: ['ND-333-2026'] },
  { id: 'TT-12-2022', from: '2022-10-01', to: '2026-07-01', successors: ['ND-331-2026'] },
  { id: 'ND-330-2026', from: '2026-07-01' },
  { id: 'ND-331-2026', from: '2026-07-01' },
  { id: 'ND-333-2026', from: '2026-07-01' },
  { id: 'ND-13-2023', from: '2023-07-01', to: '2026-01-01', successors: ['L-91-2025', 'ND-356-2025'] },
  { id: 'L-91-2025', from: '2026-01-01' },
  { id: 'ND-356-2025', from: '2026-01-01' },
  { id: 'ND-58-2016', from: '2016-07-01', to: '2025-09-09', successors: ['ND-211-2025'] },
  { id: 'ND-211-2025', from: '2025-09-09' },
  { id: 'L-05-2011', article: '9, 13', from: '2012-02-01' },
  { id: 'ND-68-2024', from: '2024-08-15' },
  { id: 'QD-20-2020', article: '4, 6', from: '2020-09-15' },
  { id: 'QD-1562-2025', from: '2025-07-18' },
  { id: 'L-60-2024', from: '2025-07-01' },
  { id: 'QCVN-12-2026-BCA', article: '2.2', from: '2026-07-01' },
];

const byId: ReadonlyMap<string, LegalAct> = new Map(legalActs.map((act) => [act.id, act]));

/** The beginning of a day in Vietnam (UTC+7, no summer time), in milliseconds since the Unix epoch. */
export const dayStart = (day: string): number => Date.parse(`${day}T00:00:00.000+07:00`);

export type BasisStanding =
  | { readonly is: 'in-force' | 'unknown' }
  | { readonly is: 'not-yet'; readonly from: string }
  | { readonly is: 'replaced'; readonly to: string; readonly successors: readonly string[] };

/** `at` in milliseconds since the Unix epoch. */
export function basisStanding(id: string, at: number): BasisStanding {
  const act = byId.get(id);
  if (!act) return { is: 'unknown' };
  if (at < dayStart(act.from)) return { is: 'not-yet', from: act.from };
  if (act.to === undefined || at < dayStart(act.to)) return { is: 'in-force' };
  return { is: 'replaced', to: act.to, successors: act.successors ?? [] };
}

/** What a draft cites that names nothing: the rules on connecting and sharing data that are in force then. */
export const sharingBasis = (at: number): readonly string[] =>
  ['QD-1562-2025', 'ND-278-2025', 'ND-47-2020'].filter((id) => basisStanding(id, at).is === 'in-force');
