/** What machines do when they are let, and what becomes of them. */
import { renameSync, rmSync } from 'node:fs';
import { type Step, save } from './file-steps.ts';
import { filesOf } from './folder.ts';
import type { History } from './history.ts';
import type { Member } from './member.ts';

/** Some of the hints that are due are given, all, or the timetable's look comes. */
function hint(h: History, at: Member): string {
  const { store } = at.running;
  if (h.chance.happens(0.1)) {
    store.hint(store.due);
    store.hintAll('timetable');
    return ' and looks at everything';
  }
  const count = h.chance.happens(0.6) ? store.due : h.chance.int(store.due + 1);
  const left = store.due - count;
  store.hint(count);
  return left > 0 ? `, with ${left} hints of the watch still to come` : '';
}

async function turn(h: History, at: Member): Promise<string> {
  const heard = hint(h, at);
  await h.turn(at);
  return `${at.name} takes a turn${heard}`;
}

export const takeTurn: Step = async (h) => {
  const at = h.anyone();
  return at && turn(h, at);
};

export const exchange: Step = async (h) => {
  const at = h.chance.any(h.world.running.filter(({ line }) => line.up));
  if (!at || !h.world.relay.on) return undefined;
  await h.exchange(at);
  return `${at.name} exchanges with the relay`;
};

/** One after the other, as on a quiet day. */
export const everybodyWorks: Step = async (h) => {
  for (const at of h.world.running) {
    at.running.store.hint(at.running.store.due);
    await h.turn(at);
    if (at.line.up && h.world.relay.on) await h.exchange(at);
    await h.turn(at);
  }
  return 'each takes a turn and exchanges';
};

/** A program saves one document again and again, with its temporary files seen in between. */
export const busyEditor: Step = async (h) => {
  const at = h.anyone();
  const path = at && h.chance.any(filesOf(at));
  if (!at || path === undefined) return undefined;
  const saves = 2 + h.chance.int(11);
  const exchanges = h.chance.happens(0.3) && at.line.up && h.world.relay.on;
  let last = '';
  for (let i = 0; i < saves; i += 1) {
    const old = `${path}.${i}.bak`;
    last = save(h, at, path, () => renameSync(h.at(at, path), h.at(at, old)));
    h.changed(at, old);
    at.running.store.hint(at.running.store.due);
    await h.turn(at);
    rmSync(h.at(at, old));
    h.changed(at, old);
    at.running.store.hint(at.running.store.due);
    await h.turn(at);
    if (exchanges) await h.exchange(at);
    h.world.time.pass(1000 + h.chance.int(5000));
  }
  return `${at.name} saves ${path} ${saves} times, the old one beside for a moment: ${last} is the last`;
};

export const timePasses: Step = (h) => {
  const seconds = h.chance.one([1, 5, 30, 90, 900, 7200]);
  h.world.time.pass(seconds * 1000);
  return `${seconds} seconds pass`;
};

export const lineGoes: Step = (h) => {
  const at = h.chance.any(h.world.running.filter(({ line }) => line.up));
  if (!at) return undefined;
  at.line.up = false;
  return `the line of ${at.name} is cut`;
};

export const lineComes: Step = (h) => {
  const at = h.chance.any(h.world.running.filter(({ line }) => !line.up));
  if (!at) return undefined;
  at.line.up = true;
  return `the line of ${at.name} is back`;
};

export const switchOff: Step = async (h) => {
  const at = h.anyone();
  if (!at) return undefined;
  await at.stop();
  return `${at.name} is switched off`;
};

export const switchOn: Step = async (h) => {
  const at = h.chance.any(h.world.members.filter(({ on }) => !on));
  if (!at) return undefined;
  await h.world.start(at);
  return `${at.name} is switched on`;
};

export const loseState: Step = async (h) => {
  const at = h.anyone();
  if (!at) return undefined;
  await at.stop();
  await at.loseState();
  await h.world.start(at);
  await h.classes.forgets(at);
  return `${at.name} loses its state, and starts`;
};

export const relayLosesState: Step = async (h) => {
  const { relay } = h.world;
  if (!relay.on) return undefined;
  await relay.close();
  await relay.loseState();
  await h.world.startRelay();
  return 'the relay loses its state, and starts';
};

export const relayRestarts: Step = async (h) => {
  await h.world.relay.close();
  await h.world.startRelay();
  return 'the relay is started anew';
};

export const takeImage: Step = async (h) => {
  const at = h.anyone();
  if (!at) return undefined;
  await at.stop();
  await at.takeImage();
  await h.world.start(at);
  return `an image is taken of ${at.name}`;
};

export const restoreImage: Step = async (h) => {
  const at = h.chance.any(h.world.running.filter(({ imaged }) => imaged));
  if (!at) return undefined;
  await at.stop();
  await at.restoreImage();
  await h.world.start(at);
  await h.backToImage(at);
  return `${at.name} is put back to its image`;
};
