/** One requirement of the list: how this version stands to it. Its entry is the one place to change. */
import type { Config } from '#agent/cli/config-schema.ts';
import type { Language } from '#agent/core/messages/language.ts';
import type { Dossier, RequirementKind } from './dossier-schema.ts';

export type Words = Readonly<Record<Language, string>>;

/** What the live node shows. */
export type Live = Pick<Dossier, 'agreements' | 'labels' | 'logs' | 'flows' | 'suites' | 'access'> & {
  readonly config: Config;
};

export interface Requirement {
  readonly kind: RequirementKind;
  /** What is asked. */
  readonly must: Words;
  /** How it is met, or what is missing. */
  readonly how: Words;
  /** The agency's own part. */
  readonly duty?: Words;
  /** Files of the test suite that hold it: at least one for `by-design`. */
  readonly tests?: readonly string[];
  /** `key: value`, from the live node: at least one key for `by-configuration`. */
  readonly settings?: (live: Live) => readonly string[];
  /** When the live node does not bear `kind` out. */
  readonly kindNow?: (live: Live) => RequirementKind | undefined;
}

export type Requirements = Readonly<Record<string, Requirement>>;

/** Of an agreement, as settings name it. */
export const named = ({ name, space }: Dossier['agreements'][number]): string =>
  `${name} (${space.slice(0, 8)})`;

/** Nothing can be met by agreements that are not there, or are for trial only. */
export const needsAgreements = ({ agreements }: Live): RequirementKind | undefined =>
  agreements.some(({ standing, trial }) => standing === 'in-force' && !trial) ? undefined : 'agency-duty';
