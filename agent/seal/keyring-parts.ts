/** What the keyring is made of, and what it tells and asks of others. */
import type { Agreement, Member } from '#agent/core/agreement.ts';
import type { NodeId, Origin, SpaceId } from '#agent/core/ids.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Random } from '#agent/sys/random.ts';
import type { UseDevice } from './device-keys.ts';
import type { OpeningReason } from './epoch-facts.ts';
import type { WrapPrivates } from './grant.ts';
import type { ItemKeys } from './item-keys.ts';
import type { SecretStore } from './secret-store.ts';
import type { CipherKeyName } from './state-cipher.ts';

export interface KeyringParts {
  readonly identity: { readonly node: NodeId; readonly wrapPrivates: WrapPrivates };
  /** The suite that the accepted agreement gave the space. */
  readonly suiteOf: (space: SpaceId) => SuiteName | undefined;
  readonly store: SecretStore;
  readonly random: Random;
  /** Who may read changes with the time: approvals and terms end. */
  readonly clock: Pick<Clock, 'now'>;
  /** Told before an epoch's grant is made: it goes on the record. */
  readonly granting?: (agreement: Agreement, keys: ItemKeys) => Promise<void>;
  /** Told before an epoch is opened; what it throws keeps it from being opened. */
  readonly opening?: (opening: OpeningEpoch) => Promise<void>;
  /** The device for state secrets. Without one nothing of theirs is sealed or opened. */
  readonly cipher?: EpochCipher;
}

export interface EpochCipher {
  /** The key that new epochs of a space's label class use. Throws why they may not be used now. */
  keyFor(space: SpaceId, labelClass: string): CipherKeyName;
  /** Whether an epoch of that class and key can be used now. */
  opens(space: SpaceId, labelClass: string, key: CipherKeyName): boolean;
  readonly use: UseDevice;
}

/** Why an epoch is opened though its readers are the same; `by` and `reason` when a person wants it. */
export interface RotationCause {
  readonly why: Extract<OpeningReason, 'timetable' | 'by-hand'>;
  readonly by?: string;
  readonly reason?: string;
}

/** An epoch that is about to be opened. `before`: the one of its class until now, 0 for none. */
export interface OpeningEpoch {
  readonly agreement: Agreement;
  readonly origin: Origin;
  readonly labelClass: string;
  readonly epoch: number;
  readonly before: number;
  readonly readers: readonly Member[];
  readonly why: OpeningReason;
  readonly cause?: RotationCause;
}
