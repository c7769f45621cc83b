/**
 * Labels: sensitivity × secrecy × personal data (docs/architecture.md, "Words"). Here every item of a space carries
 * the space's one label; rules by path come with labels of their own.
 */
export const sensitivities = ['PUBLIC', 'INTERNAL', 'RESTRICTED', 'CONFIDENTIAL'] as const;
export const secrecies = ['NONE', 'MAT', 'TOI_MAT', 'TUYET_MAT'] as const;
export const personalDataKinds = ['NONE', 'BASIC', 'SENSITIVE'] as const;

export interface Label {
  readonly sensitivity: (typeof sensitivities)[number];
  readonly secrecy: (typeof secrecies)[number];
  readonly personalData: (typeof personalDataKinds)[number];
}

export const internalLabel: Label = { sensitivity: 'INTERNAL', secrecy: 'NONE', personalData: 'NONE' };

/** The class that keys and feeds show: `INTERNAL`, or `INTERNAL+MAT`, `INTERNAL+PD:BASIC`, … */
export function labelClass(label: Label): string {
  const parts: string[] = [label.sensitivity];
  if (label.secrecy !== 'NONE') parts.push(label.secrecy);
  if (label.personalData !== 'NONE') parts.push(`PD:${label.personalData}`);
  return parts.join('+');
}
