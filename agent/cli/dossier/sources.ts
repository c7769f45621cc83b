/** Where the dossier is taken from: the live configuration, the node's public card, and places of the machine. */
import type { Config } from '#agent/cli/config-schema.ts';
import type { ProgramIo } from '#agent/cli/program-io.ts';
import type { Card } from '#agent/core/card.ts';

/** Files of the system that say who is who; others in tests. */
export interface MachinePlaces {
  /** Directories of units, the strongest first. */
  readonly units: readonly string[];
  readonly passwd: string;
  readonly group: string;
}

export const machinePlaces: MachinePlaces = {
  units: ['/etc/systemd/system', '/run/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'],
  passwd: '/etc/passwd',
  group: '/etc/group',
};

/** No private key among them: the dossier needs none. */
export interface Sources {
  readonly config: Config;
  readonly configFile: string;
  /** Where the keys are; only looked at from outside. */
  readonly keys: string;
  readonly card: Card;
  readonly io: ProgramIo;
  readonly places: MachinePlaces;
}
