/** The epochs of each origin in the secret store: their secrets, and which one an origin seals under now. */
import { decode, encode } from '#agent/core/codec.ts';
import { DongboError } from '#agent/core/errors.ts';
import { type Digest, type Origin, originKey, parseDigest, type SpaceId } from '#agent/core/ids.ts';
import { type NamedForm, namedForms } from '#agent/core/seal-form.ts';
import { type SuiteName, suiteNames } from '#agent/core/suite-name.ts';
import {
  decodeFacts,
  type EpochFacts,
  encodeFacts,
  type OpeningReason,
  unknownFacts,
} from './epoch-facts.ts';
import { type EpochMaterial, materialOf } from './epoch-material.ts';
import type { SecretStore } from './secret-store.ts';

/** What is kept of one epoch. */
export type KnownEpoch = EpochMaterial & {
  readonly labelClass: string;
  readonly suite: SuiteName;
  /** `padme` when absent. */
  readonly form?: NamedForm;
};

/** The epoch of one label class, and the digest of the readers it was opened for. */
export interface CurrentEpoch {
  readonly epoch: number;
  readonly readers: Digest;
}

/** `at`: milliseconds since the Unix epoch. */
export interface Opening {
  readonly at: number;
  readonly why: OpeningReason;
}

interface Ledger {
  /** The highest number ever used by this origin, over all label classes. */
  readonly last: number;
  readonly current: Readonly<Record<string, CurrentEpoch>>;
}

export class EpochBook {
  readonly #store: SecretStore;

  constructor(store: SecretStore) {
    this.#store = store;
  }

  async secret(space: SpaceId, origin: Origin, epoch: number): Promise<KnownEpoch | undefined> {
    const key = secretKey(space, origin, epoch);
    const bytes = await this.#store.get(key);
    if (!bytes) return undefined;
    const value = knownEpoch(decode(bytes));
    if (!value) throw unreadable(key);
    return value;
  }

  async putSecret(space: SpaceId, origin: Origin, epoch: number, value: KnownEpoch): Promise<void> {
    await this.#store.put(secretKey(space, origin, epoch), encode({ ...value }));
  }

  /** The epoch that `origin` seals a label class under; undefined before the first. */
  async current(space: SpaceId, origin: Origin, labelClass: string): Promise<CurrentEpoch | undefined> {
    const { current } = await this.#ledger(space, origin);
    return Object.hasOwn(current, labelClass) ? current[labelClass] : undefined;
  }

  /** The highest number ever used by `origin`, 0 before the first. */
  async last(space: SpaceId, origin: Origin): Promise<number> {
    return (await this.#ledger(space, origin)).last;
  }

  /** The label classes that `origin` has an epoch of. */
  async classes(space: SpaceId, origin: Origin): Promise<readonly string[]> {
    return Object.keys((await this.#ledger(space, origin)).current);
  }

  async facts(space: SpaceId, origin: Origin, epoch: number): Promise<EpochFacts> {
    const bytes = await this.#store.get(factsKey(space, origin, epoch));
    return bytes ? decodeFacts(bytes) : unknownFacts;
  }

  /** Forgets the secret for good. The facts come last: until they say so, it is tried again. */
  async destroy(space: SpaceId, origin: Origin, epoch: number, at: number): Promise<void> {
    const facts = await this.facts(space, origin, epoch);
    await this.#store.erase(secretKey(space, origin, epoch));
    await this.#store.put(factsKey(space, origin, epoch), encodeFacts({ ...facts, destroyed: at }));
  }

  /**
   * Opens the next epoch. The secret is durable before the ledger names it, so a crash in between leaves a secret
   * that nothing was sealed under, and its number is given out again.
   */
  async open(
    space: SpaceId,
    origin: Origin,
    value: KnownEpoch,
    { readers, at, why }: Opening & { readonly readers: Digest },
  ): Promise<number> {
    const ledger = await this.#ledger(space, origin);
    const epoch = ledger.last + 1;
    await this.putSecret(space, origin, epoch, value);
    await this.#store.put(factsKey(space, origin, epoch), encodeFacts({ opened: at, why, destroyed: 0 }));
    const current = { ...ledger.current, [value.labelClass]: { epoch, readers } };
    await this.#store.put(ledgerKey(space, origin), encode({ last: epoch, current }));
    return epoch;
  }

  async #ledger(space: SpaceId, origin: Origin): Promise<Ledger> {
    const key = ledgerKey(space, origin);
    const bytes = await this.#store.get(key);
    if (!bytes) return { last: 0, current: {} };
    const value = decode(bytes);
    if (!isLedger(value)) throw unreadable(key);
    return value;
  }
}

const secretKey = (space: SpaceId, origin: Origin, epoch: number) =>
  `epoch/${space}/${originKey(origin)}/${epoch}`;
const factsKey = (space: SpaceId, origin: Origin, epoch: number) =>
  `facts/${space}/${originKey(origin)}/${epoch}`;
const ledgerKey = (space: SpaceId, origin: Origin) => `ledger/${space}/${originKey(origin)}`;

const unreadable = (key: string) => new DongboError('INVARIANT', { what: `secret store entry ${key}` });

function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !(value instanceof Uint8Array) && !Array.isArray(value)
  );
}

function knownEpoch(value: unknown): KnownEpoch | undefined {
  if (!isRecord(value) || typeof value.labelClass !== 'string') return undefined;
  const suite = suiteNames.find((name) => name === value.suite);
  const material = materialOf(value);
  const form = namedForms.find((name) => name === value.form);
  if (!suite || !material || (value.form !== undefined && !form)) return undefined;
  return { labelClass: value.labelClass, suite, ...material, ...(form ? { form } : {}) };
}

function isLedger(value: unknown): value is Ledger {
  if (!isRecord(value) || !isNumber(value.last) || !isRecord(value.current)) return false;
  return Object.values(value.current).every((c) => isRecord(c) && isNumber(c.epoch) && isDigest(c.readers));
}

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value);

function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && parseDigest(value) === value;
}
