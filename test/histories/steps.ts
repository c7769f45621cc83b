/** Every kind of step, and how often each is taken. A seed leaves some out and takes others more often. */
import type { Chance } from './chance.ts';
import * as files from './file-steps.ts';
import type { Step } from './file-steps.ts';
import * as people from './people-steps.ts';
import * as work from './work-steps.ts';

export const kinds: Readonly<Record<string, readonly [Step, number]>> = {
  write: [files.write, 10],
  edit: [files.edit, 8],
  append: [files.append, 3],
  touch: [files.touch, 5],
  chmod: [files.chmod, 3],
  rename: [files.rename, 5],
  moveAcross: [files.moveAcross, 6],
  moveFolder: [files.moveFolder, 3],
  copy: [files.copy, 3],
  remove: [files.remove, 5],
  removeFolder: [files.removeFolder, 1],
  writeAgain: [files.writeAgain, 4],
  link: [files.link, 1],
  editorSave: [files.editorSave, 6],
  busyEditor: [work.busyEditor, 2],
  turn: [work.takeTurn, 22],
  exchange: [work.exchange, 18],
  everybody: [work.everybodyWorks, 8],
  time: [work.timePasses, 4],
  lineGoes: [work.lineGoes, 2],
  lineComes: [work.lineComes, 3],
  off: [work.switchOff, 2],
  on: [work.switchOn, 4],
  loseState: [work.loseState, 1.5],
  relayLosesState: [work.relayLosesState, 0.7],
  relayRestarts: [work.relayRestarts, 0.7],
  image: [work.takeImage, 2],
  restore: [work.restoreImage, 2],
  labelSet: [people.labelSet, 5],
  labelFile: [people.labelFile, 2],
  rules: [people.otherRules, 1],
  leave: [people.leave, 1.5],
  join: [people.join, 2],
  accept: [people.accept, 6],
};

/** Without these nothing comes about. */
const needed = new Set(['write', 'turn', 'exchange', 'everybody', 'accept', 'on', 'lineComes', 'time']);

export interface PlannedStep {
  readonly kind: string;
  /** For the choices within the step: the same whatever steps are left out before it. */
  readonly seed: number;
}

export const stepOf = (kind: string): Step => {
  const found = kinds[kind];
  if (!found) throw new Error(`no step is called ${kind}`);
  return found[0];
};

/** Half of the seeds mix everything, the others a few kinds only, so that these meet each other often. */
function weightsOf(chance: Chance): readonly (readonly [string, number])[] {
  const optional = Object.keys(kinds).filter((kind) => !needed.has(kind));
  const few = chance.happens(0.5)
    ? new Set(Array.from({ length: 4 }, () => chance.one(optional)))
    : undefined;
  const often = (kind: string): number => (few ? (few.has(kind) ? 4 : 0) : chance.one([0, 0, 1, 1, 3]));
  return Object.entries(kinds).map(([kind, [, weight]]) => [
    kind,
    weight * (needed.has(kind) ? 1 : often(kind)),
  ]);
}

export function planSteps(chance: Chance, count: number): readonly PlannedStep[] {
  const weights = weightsOf(chance);
  return Array.from({ length: count }, () => ({ kind: chance.weighed(weights), seed: chance.int(2 ** 31) }));
}
