/** Reads the configuration. All faults are told at once, each with file, line, column, field and rule. */
import { join, resolve } from 'node:path';
import { type Details, DongboError } from '#agent/core/errors.ts';
import type { OwnPlace } from '#agent/store/own-places.ts';
import { faultsAcross, fieldName } from './config-across.ts';
import { ConfigDocument } from './config-document.ts';
import { readConfigText } from './config-file.ts';
import { type Fault, type FieldPath, faultsOf } from './config-issues.ts';
import { becauseOfKey } from './config-requirements.ts';
import { type Config, configSchema } from './config-schema.ts';

/** One fault, ready to be rendered. `details` hold file, line, column, field and what its text needs. */
export interface ConfigIssue {
  readonly code: string;
  readonly details: Details;
}

/** CONFIG_INVALID, with every fault. */
export class ConfigError extends DongboError {
  readonly issues: readonly ConfigIssue[];

  constructor(file: string, issues: readonly ConfigIssue[], code = 'CONFIG_INVALID') {
    super(code, { file, count: issues.length });
    this.issues = issues;
  }
}

/** Where a field stands in the file. */
export type Locate = (path: FieldPath) => Details;

export interface LoadedConfig {
  readonly config: Config;
  /** file, line, column and field of a value: for faults that only the machine can show (a folder that is missing). */
  readonly locate: Locate;
}

/** Throws CONFIG_UNREADABLE, or ConfigError (CONFIG_INVALID). Looks at nothing but the file. */
export async function loadConfig(file: string): Promise<Config> {
  return (await loadConfigFile(file)).config;
}

export async function loadConfigFile(file: string): Promise<LoadedConfig> {
  return parseConfig(file, await readConfigText(file));
}

/** Parses the text of a configuration; `file` is only named in faults. */
export function parseConfig(file: string, text: string): LoadedConfig {
  const doc = new ConfigDocument(text);
  const syntax = syntaxFaults(doc);
  if (syntax.length > 0) {
    const issues = syntax.map((details) => ({ code: 'CONFIG_SYNTAX', details: { file, ...details } }));
    throw new ConfigError(file, issues);
  }
  const locate = (path: FieldPath, atKey = false): Details => ({
    file,
    ...doc.placeOf(path, atKey),
    field: fieldName(path),
  });
  const parsed = configSchema.safeParse(doc.value);
  const own = parsed.success ? [] : faultsOf(parsed.error.issues, (path) => doc.valueAt(path));
  const faults: Fault[] = [...own, ...faultsAcross(doc.value)];
  if (parsed.success && faults.length === 0) return { config: parsed.data, locate };
  const issues = faults.map(({ code, path, atKey, details }) => ({
    code,
    details: { ...locate(path, atKey), because: becauseOfKey(fieldName(path)), ...details },
  }));
  throw new ConfigError(file, issues.sort(byPlace));
}

function syntaxFaults(doc: ConfigDocument): Details[] {
  const faults = doc.syntaxFaults.map(({ line, column, detail }) => ({ line, column, detail }));
  if (faults.length > 0) return faults;
  try {
    doc.valueAt([]);
    return [];
  } catch {
    return [{ line: 1, column: 1, detail: 'TOO_MANY_ALIASES' }];
  }
}

const byPlace = (a: ConfigIssue, b: ConfigIssue): number =>
  Number(a.details.line) - Number(b.details.line) || Number(a.details.column) - Number(b.details.column);

/** What is this node's own beside the folder of `spaces[index]`; `file` is the configuration. */
export function ownPlacesOf(config: Config, file: string, index: number): OwnPlace[] {
  const { state, spaces, stateCipher, audit } = config;
  const secrets: (readonly [string, string | undefined])[] = [
    ['state', state],
    ['keys', keysDirOf(config)],
    ['configuration', resolve(file)],
    ['stateCipher.pinFile', stateCipher?.pinFile],
    ['audit.syslog.key', audit.syslog?.key],
  ];
  return [
    ...secrets.flatMap(([name, path]) => (path === undefined ? [] : [{ name, path, secret: true }])),
    ...spaces.flatMap(({ folder: path }, i) =>
      i === index ? [] : [{ name: fieldName(['spaces', i, 'folder']), path, secret: false }],
    ),
  ];
}

/** Where the keys are: `keys`, or `<state>/keys`. */
export const keysDirOf = ({ state, keys }: Pick<Config, 'state' | 'keys'>): string =>
  keys ?? join(state, 'keys');
