/** One history from its seed: its steps, what came of them, and its end. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Cast } from './cast.ts';
import { Chance } from './chance.ts';
import { bringToEnd } from './ending.ts';
import { History } from './history.ts';
import { type PlannedStep, planSteps, stepOf } from './steps.ts';
import { errorText, Fault } from './watch.ts';
import { folders, World } from './world.ts';

export interface Outcome {
  /** How many steps came before its end. */
  readonly taken: number;
  /** In plain words, each step with its number. */
  readonly story: readonly string[];
  readonly fault?: { readonly kind: string; readonly text: string };
}

const stepsAtMost = 60;

/** `only`: the numbers of the steps that are taken; all when absent. */
export async function runHistory(cast: Cast, seed: number, only?: ReadonlySet<number>): Promise<Outcome> {
  const chance = new Chance(seed);
  const steps = planSteps(chance, 10 + chance.int(stepsAtMost - 10));
  await using world = await World.open(cast, seed);
  const h = new History(world, chance);
  const story: string[] = [];
  let taken = 0;
  try {
    await begin(h);
    for (const [i, step] of steps.entries()) {
      taken = i + 1;
      if (!only || only.has(i)) await take(h, i, step, story);
    }
    story.push('All are there, and the lines stand.');
    await bringToEnd(h);
    return { taken, story };
  } catch (error) {
    const kind = error instanceof Fault ? error.kind : 'error';
    const text = error instanceof Fault ? error.message : errorText(error);
    return { taken, story, fault: { kind, text } };
  }
}

async function take(h: History, i: number, { kind, seed }: PlannedStep, story: string[]): Promise<void> {
  h.chance = new Chance(seed);
  const place = story.push(`${i} ${kind}, which is not over:`) - 1;
  const said = await stepOf(kind)(h);
  if (said === undefined) story.splice(place, 1);
  else story[place] = `${i} ${said}`;
  h.world.time.pass(500);
}

/** A few documents of each that all have who may. */
async function begin(h: History): Promise<void> {
  for (const at of h.world.members) {
    for (const folder of folders.filter((of) => of !== 'mat' || h.world.clearanceOf(at) > 1)) {
      const path = `${folder}/${at.name.toLowerCase()}`;
      mkdirSync(h.at(at, folder), { recursive: true });
      writeFileSync(h.at(at, path), h.contents.fresh(at, 10));
      h.changed(at, folder, path);
    }
    // With nothing known of the others it says nothing.
    await h.exchange(at);
    await h.turn(at);
    await h.exchange(at);
  }
  for (const at of h.world.members) await h.turn(at);
}
