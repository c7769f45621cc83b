/** The end of a history: all are there, the lines stand, and all must come to be in step and equal. */
import { lstatSync } from 'node:fs';
import type { AgentEvent } from '#agent/core/event.ts';
import type { SpaceState } from '#agent/status/space-state.ts';
import { rankOf } from './classes.ts';
import { describeItem, itemsOf } from './folder.ts';
import type { History } from './history.ts';
import type { Member } from './member.ts';
import { Fault } from './watch.ts';

const rounds = 60;
const restRounds = 3;
/** So many with minutes in between in which nothing moves: what is not in step by then does not get there. */
const stillRounds = 10;
/** So many until the timetable's look comes again. */
const lookRounds = 8;

/** Problems of items that a person has to see to; whoever has one is not in step, and says so. */
const truths = new Set([
  'WITHDRAWN_BUT_EDITED',
  'WITHDRAWN_NOT_ALONE',
  'LABEL_ABOVE_AGREEMENT',
  'LABEL_MISSING',
  'LABEL_FILE_GONE',
  // A label file lies in it, which is nobody's but this member's.
  'DIR_NOT_EMPTY',
]);

export async function bringToEnd(h: History): Promise<void> {
  await everybodyThere(h);
  let [rested, still, before] = [0, 0, ''];
  for (let round = 0; round < rounds && rested < restRounds && still < stillRounds; round += 1) {
    if (round % lookRounds === lookRounds - 1)
      for (const { running } of h.world.members) running.store.hintAll('timetable');
    for (const member of h.world.members) await workOf(h, member);
    // Where nothing moves any more, what waits for its time (`heirMs`) comes round.
    h.world.time.pass(round < 6 ? 3_000 : still > 2 ? 300_000 : 25_000);
    const now = await standings(h);
    rested = now.every(([, { state }]) => state === 'in-step') ? rested + 1 : 0;
    const told = JSON.stringify(now.map(([{ events }, at]) => [events.filter(isMove).length, at]));
    still = round > 6 && told === before ? still + 1 : 0;
    before = told;
  }
  await checkStandings(h);
  await checkEqual(h);
}

const isMove = ({ type }: AgentEvent): boolean => ['published', 'received', 'applied'].includes(type);

async function everybodyThere(h: History): Promise<void> {
  const { world } = h;
  if (!world.relay.on) await world.startRelay();
  await world.accept(world.relay, world.revisions.length);
  for (const member of world.members) {
    if (!member.on) await world.start(member);
    member.line.up = true;
    await world.accept(member, world.revisions.length);
    member.running.store.hint(member.running.store.due);
    member.running.store.hintAll('timetable');
  }
}

async function workOf(h: History, member: Member): Promise<void> {
  await h.turn(member);
  if ((await member.standing()).state === 'halted') await member.release('đã xem');
  await h.exchange(member);
}

const standings = (h: History): Promise<(readonly [Member, SpaceState])[]> =>
  Promise.all(h.world.members.map(async (member) => [member, await member.standing()] as const));

/** Not in step is right only where somebody has something to see to that is really there. */
async function checkStandings(h: History): Promise<void> {
  const all = await standings(h);
  const ill: string[] = [];
  for (const [member, { state }] of all) {
    const problems = await member.problems();
    const untrue = problems.find(({ code }) => !truths.has(code));
    if (untrue)
      throw new Fault(
        `problem ${untrue.code}`,
        `${member.name} has at the end a problem with ${untrue.path}: ${untrue.code}`,
      );
    if (problems.length > 0) ill.push(member.name);
    else if (state !== 'in-step') ill.push(`${member.name}!`);
  }
  const late = all.find(
    ([{ name }, { state, reason }]) => state !== 'in-step' && !ill.includes(name) && !isWaitFor(reason, ill),
  );
  if (late) {
    const [member, { state, reason = '' }] = late;
    throw new Fault(
      `not in step: ${reason}`,
      `${member.name} does not get in step: ${state} ${reason} ${await member.figures()}`,
    );
  }
}

/** Receipts of a member that has a problem are awaited rightly. */
const isWaitFor = (reason: string | undefined, ill: readonly string[]): boolean =>
  ill.some((name) => !name.endsWith('!')) &&
  (reason === 'RECEIPTS_AWAITED' || reason === 'RECEIPT_OUTSTANDING');

async function checkEqual(h: History): Promise<void> {
  const [a, ...others] = h.world.members;
  if (!a) return;
  for (const b of others) {
    const seen = [await treeOf(h, a, b), await treeOf(h, b, a)] as const;
    const aside = new Set(
      (await Promise.all([a, b].map((m) => m.problems()))).flat().map(({ path }) => path),
    );
    for (const path of new Set([...seen[0].keys(), ...seen[1].keys()])) {
      const [left, right] = [seen[0].get(path), seen[1].get(path)];
      if (left === right || aside.has(path)) continue;
      if (right === notCleared) continue;
      if (left === notCleared && (right === undefined || (await isItsOwn(h, b, path)))) continue;
      const two = `${a.name} and ${b.name} say that they are in step`;
      if (left === notCleared)
        throw new Fault(
          'not given up',
          `${two}, and ${b.name} still has ${path}, which is above its clearance: ${right}`,
        );
      throw new Fault('differ', `${two}, and differ in ${path}: ${left ?? 'nothing'}, ${right ?? 'nothing'}`);
    }
  }
}

/** A folder, work of its people, or what it has published itself: that is not another's to take away. */
async function isItsOwn(h: History, member: Member, path: string): Promise<boolean> {
  const at = h.at(member, path);
  if (!lstatSync(at).isFile() || h.contents.isMadeAt(member, h.contents.shaOf(at))) return true;
  const row = await member.running.node.space(h.world.space).state.row(path);
  return row?.remote?.author.node === member.parts.identity.node;
}

const notCleared = 'not for the other';

/** What `other` is to have of it as well: what it has published itself it keeps, whatever the label. */
async function treeOf(h: History, member: Member, other: Member): Promise<Map<string, string>> {
  const { node } = member.running;
  const { state } = node.space(h.world.space);
  const tree = new Map<string, string>();
  for (const item of itemsOf(member)) {
    const remote = (await state.row(item.path))?.remote;
    const keys = remote && (await node.keyring.keysFor(h.world.space, remote.author, remote.epoch));
    const rank = keys ? rankOf(keys.labelClass) : 0;
    const its = remote?.author.node === other.parts.identity.node;
    const least = Math.min(...[member, other].map((one) => h.world.clearanceOf(one)));
    const shown = its || rank <= least;
    tree.set(item.path, shown ? describeItem(member, item, h.contents) : notCleared);
  }
  return tree;
}
