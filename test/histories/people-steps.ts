/** What officers decide: labels, rules, who takes part. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { DongboError } from '#agent/core/errors.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { sensitivities } from '#agent/core/label.ts';
import { rankOf } from './classes.ts';
import type { Step } from './file-steps.ts';
import { dirsOf, filesOf, itemsOf } from './folder.ts';
import { folders, startRules } from './world.ts';

const by = { decidedBy: 'Lê Thị Hoa', decisionRef: '12/QĐ' };

export const labelSet: Step = async (h) => {
  const at = h.anyone();
  const item = at && h.chance.any(itemsOf(at));
  if (!at || !item) return undefined;
  const sensitivity = h.chance.weighed([
    ['PUBLIC', 3],
    ['INTERNAL', 3],
    ['RESTRICTED', 4],
    ['CONFIDENTIAL', 1],
  ] as const);
  const { path, kind } = item;
  const under = filesOf(at).filter((file) => file === path || file.startsWith(`${path}/`));
  try {
    await at.decide({ path, sensitivity, ...by }, kind);
  } catch (error) {
    if (!(error instanceof DongboError)) throw error;
    return `${at.name} would label ${path} ${sensitivity}, and is refused: ${error.code}`;
  }
  h.deletes.raised += under.length;
  h.classes.decide(
    under.map((file) => h.contents.shaOf(h.at(at, file))),
    rankOf(sensitivity),
  );
  return `${at.name} labels ${path} ${sensitivity}`;
};

export const labelFile: Step = (h) => {
  const at = h.anyone();
  const dir = at && h.chance.any(dirsOf(at));
  if (!at || dir === undefined) return undefined;
  const path = `${dir}/.dongbo-labels.yaml`;
  h.changed(at, path);
  if (existsSync(h.at(at, path)) && h.chance.happens(0.5)) {
    rmSync(h.at(at, path));
    return `${at.name} takes the label file of ${dir} away`;
  }
  const sensitivity = h.chance.one(sensitivities.slice(0, 3));
  writeFileSync(h.at(at, path), `- { path: "*", sensitivity: ${sensitivity} }\n`);
  h.deletes.raised += filesOf(at).filter((file) => file.startsWith(`${dir}/`)).length;
  return `${at.name} has a label file in ${dir}: ${sensitivity}`;
};

/** The configuration is changed, and the agent started anew. */
export const otherRules: Step = async (h) => {
  const at = h.anyone();
  if (!at) return undefined;
  const folder = h.chance.one(folders);
  const sensitivity = h.chance.one(sensitivities.slice(0, 3));
  const others = at.labels.filter(({ path }) => path !== `/${folder}/`);
  const rule: LabelRule = { path: `/${folder}/`, sensitivity };
  at.labels = h.chance.happens(0.3) ? startRules : [...others, rule];
  await at.stop();
  await h.world.start(at);
  h.deletes.raised += filesOf(at).length;
  return `${at.name} has ${at.labels === startRules ? 'the rules of the start' : `a rule for ${folder}: ${sensitivity}`}, and is started anew`;
};

export const leave: Step = async (h) => {
  const who = h.chance.any(h.world.inside.filter((name) => name !== 'A'));
  if (who === undefined || h.world.inside.length < 3) return undefined;
  await h.world.revise(h.world.inside.filter((name) => name !== who));
  return `a revision without ${who} is signed`;
};

export const join: Step = async (h) => {
  if (h.world.inside.length >= 3) return undefined;
  const others = h.world.all.filter(({ name }) => !h.world.inside.includes(name));
  const who = h.chance.one(others);
  await h.world.revise([...h.world.inside, who.name]);
  return `a revision with ${who.name} is signed`;
};

/** Each where and when its officer gets to it; the relay too. */
export const accept: Step = async (h) => {
  const { world } = h;
  const last = world.revisions.length;
  const behind = [world.relay, ...world.members].filter(
    (machine) => machine.on && (world.accepted.get(machine) ?? 0) < last,
  );
  const machine = h.chance.any(behind);
  if (!machine) return undefined;
  await world.accept(machine, last);
  return `${machine === world.relay ? 'the relay' : machine.name} accepts revision ${last}`;
};
