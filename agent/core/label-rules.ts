/** Rules that give labels to paths: what several of them come to, and what a rule must say. */
import { highestLabel, type Label, type PersonalData, type Secrecy, type Sensitivity } from './label.ts';

/** One rule. What it does not name it leaves to the others; a level of secrecy names who decided it (R05). */
export interface LabelRule {
  /** A pattern as in .gitignore; it covers everything beneath a folder that it names. */
  readonly path: string;
  readonly sensitivity?: Sensitivity;
  readonly secrecy?: Secrecy;
  readonly personalData?: PersonalData;
  readonly decidedBy?: string;
  readonly decisionRef?: string;
}

const lowest: Label = { sensitivity: 'PUBLIC', secrecy: 'NONE', personalData: 'NONE' };

/** The highest of all rules that apply (R04). Undefined while none of them names a sensitivity or a secrecy. */
export function labelFrom(rules: readonly LabelRule[]): Label | undefined {
  if (!rules.some(({ sensitivity, secrecy }) => sensitivity !== undefined || isSecrecy(secrecy)))
    return undefined;
  return rules.reduce((label, rule) => highestLabel(label, { ...lowest, ...partsOf(rule) }), lowest);
}

export const isSecrecy = (secrecy: Secrecy | undefined): boolean =>
  secrecy !== undefined && secrecy !== 'NONE';

const partsOf = ({ sensitivity, secrecy, personalData }: LabelRule): Partial<Label> => ({
  ...(sensitivity && { sensitivity }),
  ...(secrecy && { secrecy }),
  ...(personalData && { personalData }),
});
