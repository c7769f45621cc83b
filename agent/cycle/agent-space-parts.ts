/** What a space of an agent is put together from. */
import type { FirstWord } from './first-word.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type { LabelRules } from '#agent/store/label-rules.ts';
import type { Store } from '#agent/store/store.ts';
import type { Disk } from '#agent/sys/disk.ts';
import type { Nights } from '#agent/sys/lived-time.ts';
import type { EpochKeeperParts } from './epoch-keeper.ts';
import type { ChunkFetcher } from './fetch-chunks.ts';
import type { NodeParts, NodeSpace } from './node-space.ts';
import type { SpaceSecrets } from './space-secrets.ts';
import type { TurnWatch } from './turn-watch.ts';

export interface AgentSpaceParts extends NodeParts {
  readonly own: NodeSpace;
  readonly store: Store;
  readonly labels: LabelRules;
  readonly secrets: SpaceSecrets;
  readonly disk: Disk;
  readonly keyring: Keyring;
  readonly fetcher: Pick<ChunkFetcher, 'fetch'>;
  /** What the store does on the disk is told to it already. */
  readonly turns: TurnWatch;
  /** Keeps the store's marker in the state. */
  readonly adopted: () => Promise<void>;
  /** Whether all is here that the peers which are there hold. */
  readonly caughtUp: () => Promise<boolean>;
  /** Waits for what peers hold of this node, where that is to be waited for. */
  readonly firstWord: Pick<FirstWord, 'has'>;
  /** Called when everything that was received is on this disk. */
  readonly settled: () => Promise<void>;
  readonly decided: EpochKeeperParts['decided'];
  readonly timetable: EpochKeeperParts['timetable'];
  readonly nights: Nights;
}
