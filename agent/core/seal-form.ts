/**
 * How an epoch cuts and pads. The label class of a new epoch decides; an epoch keeps its form for life, and its grant names
 * it. `padme`: cut by content, Padmé sizes (epochs of before there were others). `steps`: the same, but small chunks and
 * records in powers of two. `cells`: everything in pieces of one size.
 */
export const namedForms = ['steps', 'cells'] as const;
/** As grants and the secret store write it down; `padme` is what has no name there. */
export type NamedForm = (typeof namedForms)[number];
export type SealForm = 'padme' | NamedForm;

/** Classes whose sizes may be told roughly. Any other, a class of another version too, takes cells. */
const roughly = new Set(
  ['PUBLIC', 'INTERNAL', 'RESTRICTED'].flatMap((level) => [level, `${level}+PD:BASIC`]),
);

/** The form in which a label class is sealed today (`labelClass` of `label.ts`). */
export const formOf = (labelClass: string): NamedForm => (roughly.has(labelClass) ? 'steps' : 'cells');
