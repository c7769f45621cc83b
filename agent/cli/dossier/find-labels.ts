/** The rules by which items get their labels. A pattern that may name an item, or belongs to a secret, is left out (R03). */
import type { Config } from '#agent/cli/config-schema.ts';
import { isSecrecy, type LabelRule } from '#agent/core/label-rules.ts';
import type { Dossier } from './dossier-schema.ts';

export const findLabels = ({ spaces }: Config): Dossier['labels'] =>
  spaces.map(({ space, labels }, i) => ({
    space,
    rules: labels.map(({ path, ...says }, j) => ({
      rule: `spaces[${i}].labels[${j}]`,
      ...(isShown({ path, ...says }) ? { path } : {}),
      ...says,
    })),
  }));

/** Folders, and patterns such as `*.xlsx` that have no words of their own. */
function isShown({ path, secrecy }: LabelRule): boolean {
  if (isSecrecy(secrecy)) return false;
  const last = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return path.endsWith('/') || /^\*+(\.\w{1,8})?$/.test(last);
}
