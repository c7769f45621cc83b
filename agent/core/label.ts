/** Labels: sensitivity × secrecy × personal data, each from the least to the most. */
export const sensitivities = ['PUBLIC', 'INTERNAL', 'RESTRICTED', 'CONFIDENTIAL'] as const;
export const secrecies = ['NONE', 'MAT', 'TOI_MAT', 'TUYET_MAT'] as const;
export const personalDataKinds = ['NONE', 'BASIC', 'SENSITIVE'] as const;

export type Sensitivity = (typeof sensitivities)[number];
export type Secrecy = (typeof secrecies)[number];
export type PersonalData = (typeof personalDataKinds)[number];

export interface Label {
  readonly sensitivity: Sensitivity;
  readonly secrecy: Secrecy;
  readonly personalData: PersonalData;
}

export const internalLabel: Label = { sensitivity: 'INTERNAL', secrecy: 'NONE', personalData: 'NONE' };

/** The class that keys and feeds show: `INTERNAL`, or `INTERNAL+MAT`, `INTERNAL+PD:BASIC`, … */
export function labelClass(label: Label): string {
  const parts: string[] = [label.sensitivity];
  if (label.secrecy !== 'NONE') parts.push(label.secrecy);
  if (label.personalData !== 'NONE') parts.push(`PD:${label.personalData}`);
  return parts.join('+');
}

/** Whether `label` is nowhere above `limit`: in every part, not in the sum. */
export const labelWithin = (label: Label, limit: Label): boolean =>
  sensitivities.indexOf(label.sensitivity) <= sensitivities.indexOf(limit.sensitivity) &&
  secrecies.indexOf(label.secrecy) <= secrecies.indexOf(limit.secrecy) &&
  personalDataKinds.indexOf(label.personalData) <= personalDataKinds.indexOf(limit.personalData);

const higher = <T>(order: readonly T[], a: T, b: T): T => (order.indexOf(a) < order.indexOf(b) ? b : a);

/** The highest of both in every part: what a package of them carries (R04). */
export const highestLabel = (a: Label, b: Label): Label => ({
  sensitivity: higher(sensitivities, a.sensitivity, b.sensitivity),
  secrecy: higher(secrecies, a.secrecy, b.secrecy),
  personalData: higher(personalDataKinds, a.personalData, b.personalData),
});
