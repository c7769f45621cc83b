/**
 * Everything that leads to the label of one item: rules of the configuration, label files, decisions, what it was
 * published under before, its package. Opens nothing but label files, and the state when no agent runs.
 */
import { stat } from 'node:fs/promises';
import { isAbsolute, join, posix, relative } from 'node:path';
import { parseLabelClass } from '#agent/core/clearance.ts';
import { originalOf } from '#agent/core/conflict-name.ts';
import { DongboError, type Problem } from '#agent/core/errors.ts';
import type { Label } from '#agent/core/label.ts';
import { type AppliedRule, highestOf, labelFrom } from '#agent/core/label-rules.ts';
import { joinPath, parentOf } from '#agent/core/path.ts';
import type { PublishedFact } from '#agent/cycle/label-facts.ts';
import { LabelFiles } from '#agent/store/label-files.ts';
import { LabelRules, withPackage } from '#agent/store/label-rules.ts';
import { resolveRoot } from '#agent/store/root-guard.ts';
import type { FoundKind } from '#agent/store/store.ts';
import { lstatAll } from '#agent/sys/lstat-all.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import type { SpaceConfig } from './config-schema.ts';
import { type KnownParts, knownOf } from './label-known.ts';
import type { ProgramIo } from './program-io.ts';

export interface LabelChain {
  /** Undefined when nothing gives it one. */
  readonly label: Label | undefined;
  /** By rules, label files and decisions alone. */
  readonly ruled: Label | undefined;
  readonly rules: readonly AppliedRule[];
  readonly published: readonly PublishedFact[];
  readonly package?: { readonly path: string; readonly labelClass?: string };
  /** The label file that cannot be used, and hides the item. */
  readonly broken?: Problem;
  /** Why decisions and earlier publications are not among this. */
  readonly unknown?: string;
}

/** `path` is absolute, or within the folder of the only space; '.' is that folder. Throws EXPLAIN_NO_SPACE. */
export function spaceOf(
  spaces: readonly SpaceConfig[],
  path: string,
): { space: SpaceConfig; inside: string } {
  for (const space of spaces) {
    const found = isAbsolute(path) ? relative(space.folder, path) : posix.normalize(path);
    const inside = found === '.' ? '' : found.replace(/\/+$/, '');
    const isInside = inside !== '..' && !inside.startsWith('../');
    if (isInside && (isAbsolute(path) || spaces.length === 1)) return { space, inside };
  }
  throw new DongboError('EXPLAIN_NO_SPACE', { path });
}

/** What is not there is taken for a file. */
export async function kindOf(space: SpaceConfig, inside: string): Promise<FoundKind | undefined> {
  const found = await stat(join(space.folder, inside)).catch(() => undefined);
  return found && (found.isDirectory() ? 'dir' : 'file');
}

export async function labelChain(parts: KnownParts, inside: string, io: ProgramIo): Promise<LabelChain> {
  const { space, agreement } = parts;
  const kind = (await kindOf(space, inside)) ?? 'file';
  const rules = await rulesFor(space, inside, io);
  const known = await knownOf(parts, inside, kind, io);
  const facts = 'facts' in known ? known.facts : undefined;
  const remembered = (facts?.rules ?? []).filter(({ at, gone }) => at !== undefined || gone);
  const all = [...rules.of(inside, kind).rules, ...remembered];
  const original = originalOf(inside);
  const beside = original === undefined ? [] : rules.of(original, kind).rules;
  const base = space.labels.length === 0 ? agreement.label : undefined;
  const ruled = highestOf([labelFrom(all, base), labelFrom(beside, base)]);
  const published = facts?.published ?? [];
  const own = highestOf([ruled, ...published.map(({ holds }) => parseLabelClass(holds))]);
  const around = facts?.package ?? packageOf(rules, inside, kind);
  const broken = rules.brokenOver(inside === '' ? '.' : inside);
  return {
    label: withPackage(
      own,
      around?.labelClass === undefined ? undefined : parseLabelClass(around.labelClass),
    ),
    ruled,
    rules: [...new Set([...all, ...beside])],
    published: [
      ...new Map(published.map((one) => [`${one.node} ${one.labelClass} ${one.holds}`, one])).values(),
    ],
    ...(around ? { package: around } : {}),
    ...(broken ? { broken } : {}),
    ...('unknown' in known ? { unknown: known.unknown } : {}),
  };
}

/** Of the configuration and of the label files above the item. */
async function rulesFor(
  space: SpaceConfig,
  inside: string,
  { clock, signal }: ProgramIo,
): Promise<LabelRules> {
  const rules = new LabelRules(space.labels);
  const root = await resolveRoot(nodeDisk, space.folder);
  const files = new LabelFiles({ disk: nodeDisk, lstatAll, clock, root });
  rules.useFiles(files);
  // A package is marked by a file of its own folder.
  await files.enter(parentOf(joinPath(inside, '.')), signal);
  return rules;
}

function packageOf(rules: LabelRules, inside: string, kind: FoundKind): LabelChain['package'] {
  const path = rules.packageOver(inside, kind);
  return path === undefined ? undefined : { path };
}
