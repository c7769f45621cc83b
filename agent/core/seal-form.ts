/**
 * How an epoch cuts and pads: `padme` cuts by content and pads each chunk a little, `cells` seals everything in pieces of
 * one size. The label class of a new epoch decides; an epoch keeps its form for life, and its grant names it.
 */
export const sealForms = ['padme', 'cells'] as const;
export type SealForm = (typeof sealForms)[number];

/** Classes whose sizes may be told roughly. Any other, a class of another version too, takes cells. */
const roughly = new Set(
  ['PUBLIC', 'INTERNAL', 'RESTRICTED'].flatMap((level) => [level, `${level}+PD:BASIC`]),
);

/** The form in which a label class is sealed today (`labelClass` of `label.ts`). */
export const formOf = (labelClass: string): SealForm => (roughly.has(labelClass) ? 'padme' : 'cells');
