/** Rules between fields. They look at the file as written, so that they are told together with all other faults. */
import { z } from 'zod';
import { unfounded } from '#agent/core/label-rule-schema.ts';
import type { Rule } from '#agent/core/messages/config-rules.ts';
import type { Fault, FieldPath } from './config-issues.ts';

const text = z.string().optional().catch(undefined);
const listOf = <S extends z.ZodObject>(entry: S) => z.array(entry.catch({} as never)).catch([]);

/** Whatever has the right form; the rest is left to the schema. */
const loose = z.looseObject({
  state: text,
  role: text,
  listen: z.unknown().optional(),
  stateCipher: z.unknown().optional(),
  spaces: listOf(z.looseObject({ space: text, folder: text, labels: listOf(z.looseObject({})) })),
  peers: listOf(z.looseObject({ node: text })),
  audit: z
    .looseObject({ syslog: z.looseObject({}).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

const broken = (path: FieldPath, rule: Rule, details: Fault['details'] = {}): Fault => ({
  code: 'CONFIG_RULE',
  path,
  details: { rule, ...details },
});

export function faultsAcross(written: unknown): Fault[] {
  const parsed = loose.safeParse({ spaces: [], peers: [], ...(isObject(written) ? written : {}) });
  if (!parsed.success) return [];
  const { state, role, listen, stateCipher, spaces, peers, audit } = parsed.data;
  const faults = [
    ...repeated(spaces.map(({ space }, i) => ({ path: ['spaces', i, 'space'], value: space }))),
    ...repeated(peers.map(({ node }, i) => ({ path: ['peers', i, 'node'], value: node }))),
    ...overlapping(
      spaces.map(({ folder }) => folder),
      state ?? '/var/lib/dongbo',
    ),
  ];
  for (const [i, { labels = [] }] of spaces.entries()) {
    for (const [j, rule] of labels.entries()) faults.push(...unfoundedAt(['spaces', i, 'labels', j], rule));
  }
  faults.push(...halfShown(audit?.syslog));
  if (role === 'relay' && spaces.length > 0) faults.push(broken(['spaces'], 'relay-no-folders'));
  if (role === 'relay' && stateCipher !== undefined) faults.push(broken(['stateCipher'], 'relay-no-cipher'));
  if (role === 'relay' && listen === undefined) {
    faults.push({ code: 'CONFIG_MISSING_KEY', path: ['listen'], details: { rule: 'relay-listens' } });
  }
  return faults;
}

const unfoundedAt = (path: FieldPath, written: Readonly<Record<string, unknown>>): Fault[] =>
  unfounded(written).map(({ field, rule }) =>
    field === undefined
      ? broken(path, rule)
      : { code: 'CONFIG_MISSING_KEY', path: [...path, field], details: { rule } },
  );

/** How this node shows itself to a collector. */
function halfShown(syslog: Readonly<Record<string, unknown>> = {}): Fault[] {
  const missing = (['cert', 'key'] as const).filter((field) => syslog[field] === undefined);
  return missing.length === 1
    ? [
        {
          code: 'CONFIG_MISSING_KEY',
          path: ['audit', 'syslog', ...missing],
          details: { rule: 'cert-and-key' },
        },
      ]
    : [];
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function repeated(fields: readonly { path: FieldPath; value: string | undefined }[]): Fault[] {
  const first = new Map<string, FieldPath>();
  return fields.flatMap(({ path, value }) => {
    if (value === undefined) return [];
    const before = first.get(value);
    if (before) return [broken(path, 'each-once', { other: fieldName(before) })];
    first.set(value, path);
    return [];
  });
}

/** Folders that lie inside each other, or in the state directory, would feed each other without end. */
function overlapping(folders: readonly (string | undefined)[], state: string): Fault[] {
  return folders.flatMap((folder, i) => {
    if (folder === undefined) return [];
    const path = ['spaces', i, 'folder'];
    if (overlap(folder, state)) return [broken(path, 'apart', { other: 'state' })];
    const j = folders.slice(0, i).findIndex((other) => other !== undefined && overlap(folder, other));
    return j < 0 ? [] : [broken(path, 'apart', { other: fieldName(['spaces', j, 'folder']) })];
  });
}

const overlap = (a: string, b: string): boolean => inside(a, b) || inside(b, a);
const inside = (inner: string, outer: string): boolean => withSlash(inner).startsWith(withSlash(outer));
const withSlash = (path: string): string => `${path.replace(/\/+$/, '')}/`;

/** `spaces[0].folder` */
export const fieldName = (path: FieldPath): string =>
  path.reduce<string>(
    (name, part) => (typeof part === 'number' ? `${name}[${part}]` : name === '' ? part : `${name}.${part}`),
    '',
  ) || '(document)';
