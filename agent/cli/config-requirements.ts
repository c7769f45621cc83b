/** Which requirement a key of the configuration answers. Not every key is there for one. */
const requirements: readonly (readonly [RegExp, string])[] = [
  [/\.(?:secrecy|decidedBy|decisionRef)$/, 'R05'],
  [/\.personalData$/, 'R26'],
  [/\.labels(?:\W|$)/, 'R04'],
  [/^spaces\[\d+\]\.space$/, 'R12'],
  [/^audit\.maxBytes$/, 'R23'],
  [/^audit(?:\.|$)/, 'R22'],
  [/^peers\[\d+\]\.node$/, 'R08'],
  [/^peers\[\d+\]\.url$/, 'R17'],
  [/^listen(?:\.|$)/, 'R17'],
  [/^status(?:\.|$)/, 'R34'],
];

/** ` (R05)`, to stand at the end of a message; empty for a key without one. `field` such as `spaces[0].labels[1].path`. */
export function becauseOfKey(field: string): string {
  const found = requirements.find(([pattern]) => pattern.test(field));
  return found ? ` (${found[1]})` : '';
}
