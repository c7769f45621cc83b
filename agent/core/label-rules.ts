/** Rules that give labels to paths: what several of them come to, and what a rule must say. */
import { highestLabel, type Label, type PersonalData, type Secrecy, type Sensitivity } from './label.ts';

/** One rule. What it does not name it leaves to the others; a level of secrecy names who decided it (R05). */
export interface LabelRule {
  /** A pattern as in .gitignore; it covers everything beneath a folder that it names. */
  readonly path: string;
  readonly sensitivity?: Sensitivity;
  readonly secrecy?: Secrecy;
  readonly personalData?: PersonalData;
  /** The folder that it names is a package: the whole of it has the highest label of its parts (R04). */
  readonly package?: boolean;
  readonly decidedBy?: string;
  readonly decisionRef?: string;
}

/** A rule that covers a path, and where it stands. */
export interface AppliedRule extends LabelRule {
  /** The label file that it stands in; absent for the configuration and for decisions. */
  readonly file?: string;
  /** When it was decided, milliseconds since the Unix epoch; only of decisions. */
  readonly at?: number;
  /** The reference of a decided item in the audit log. */
  readonly item?: string;
  /** It was taken away, and stays in force until a person lifts it. */
  readonly gone?: true;
}

export const lowestLabel: Label = { sensitivity: 'PUBLIC', secrecy: 'NONE', personalData: 'NONE' };

/** The highest of all rules that apply (R04). While none of them names a sensitivity or a secrecy, `base` counts too. */
export function labelFrom(rules: readonly LabelRule[], base?: Label): Label | undefined {
  const named = rules.some(({ sensitivity, secrecy }) => sensitivity !== undefined || isSecrecy(secrecy));
  if (!named && !base) return undefined;
  const start = named || !base ? lowestLabel : base;
  return rules.reduce((label, rule) => highestLabel(label, { ...lowestLabel, ...partsOf(rule) }), start);
}

export const isSecrecy = (secrecy: Secrecy | undefined): boolean =>
  secrecy !== undefined && secrecy !== 'NONE';

export const partsOf = ({ sensitivity, secrecy, personalData }: Partial<LabelRule>): Partial<Label> => ({
  ...(sensitivity && { sensitivity }),
  ...(secrecy && { secrecy }),
  ...(personalData && { personalData }),
});

/** Undefined when there is none at all. */
export const highestOf = (labels: readonly (Label | undefined)[]): Label | undefined =>
  labels.reduce((all, label) => (all && label ? highestLabel(all, label) : (all ?? label)), undefined);
