/**
 * How an epoch cuts and pads. The label class of a new epoch decides; an epoch keeps its form for life, and its grant names
 * it. `padme`: cut by content, Padmé sizes (epochs of before there were others). `steps`: the same, but small chunks and
 * records in powers of two. `cells`: everything in pieces of one size.
 */
import { parseLabelClass } from './clearance.ts';
import { type Label, labelWithin } from './label.ts';

export const namedForms = ['steps', 'cells'] as const;
/** As grants and the secret store write it down; `padme` is what has no name there. */
export type NamedForm = (typeof namedForms)[number];
export type SealForm = 'padme' | NamedForm;

/**
 * The form in which a label class is sealed today: cells from CONFIDENTIAL up, for any secrecy, for sensitive personal
 * data, and for a class that this version does not know.
 */
export function formOf(labelClass: string): NamedForm {
  const label = parseLabelClass(labelClass);
  return label !== undefined && labelWithin(label, roughly) ? 'steps' : 'cells';
}

/** The highest label whose sizes may be told roughly. */
const roughly: Label = { sensitivity: 'RESTRICTED', secrecy: 'NONE', personalData: 'BASIC' };
