/** Who may read what: a member's highest label against the label of a space. Unknown means no. */
import { type Label, labelWithin, personalDataKinds, secrecies, sensitivities } from './label.ts';

/** Reads the text made by `labelClass`; undefined for anything else. */
export function parseLabelClass(text: string): Label | undefined {
  const [sensitivity, ...rest] = text.split('+');
  const label: { -readonly [K in keyof Label]?: Label[K] } = {};
  for (const part of rest) {
    const secrecy = secrecies.find((s) => s !== 'NONE' && s === part);
    const personalData = personalDataKinds.find((p) => p !== 'NONE' && `PD:${p}` === part);
    if (secrecy && !label.secrecy && !label.personalData) label.secrecy = secrecy;
    else if (personalData && !label.personalData) label.personalData = personalData;
    else return undefined;
  }
  const found = sensitivities.find((s) => s === sensitivity);
  if (!found) return undefined;
  return { sensitivity: found, secrecy: 'NONE', personalData: 'NONE', ...label };
}

/** Whether a label class is of state secrets: those are sealed by a device for them, and nothing else is. */
export const isSecretClass = (labelClass: string): boolean => {
  const secrecy = parseLabelClass(labelClass)?.secrecy;
  return secrecy !== undefined && secrecy !== 'NONE';
};

/** Whether a member cleared up to `highest` may read `label`: in every part of the label, not in the sum. */
export function clearedFor(highest: string, label: Label): boolean {
  const limit = parseLabelClass(highest);
  return limit !== undefined && labelWithin(label, limit);
}
