/**
 * The list of requirements, R01 to R38, and how this version stands to each: data, in three files by part of the list.
 * Whoever builds one of them changes its entry, and nothing else.
 */
import type { Language } from '#agent/core/messages/language.ts';
import type { Dossier } from './dossier-schema.ts';
import type { Live, Requirements } from './requirement.ts';
import { dutyRequirements } from './requirements-duties.ts';
import { protectionRequirements } from './requirements-protection.ts';
import { sharingRequirements } from './requirements-sharing.ts';

export const requirements: Requirements = {
  ...sharingRequirements,
  ...protectionRequirements,
  ...dutyRequirements,
};

export const judge = (live: Live, language: Language): Dossier['requirements'] =>
  Object.entries(requirements).map(([id, { kind, kindNow, must, how, duty, tests, settings }]) => ({
    id,
    kind: kindNow?.(live) ?? kind,
    must: must[language],
    how: how[language],
    ...(duty ? { duty: duty[language] } : {}),
    settings: [...(settings?.(live) ?? [])],
    tests: [...(tests ?? [])],
  }));
