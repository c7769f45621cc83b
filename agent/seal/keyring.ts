/**
 * The keys that this node holds: its own epochs, those granted to it, and the secret that turns paths into tags.
 * Who is removed or loses clearance changes the set of readers, and a new set of readers opens a new epoch.
 */
import { createHash, createHmac } from 'node:crypto';
import type { Agreement, Member } from '#agent/core/agreement.ts';
import { readersOf } from '#agent/core/agreement-policy.ts';
import { isSecretClass } from '#agent/core/clearance.ts';
import { DongboError } from '#agent/core/errors.ts';
import {
  type Digest,
  hexText,
  type Origin,
  originKey,
  parseDigest,
  parseTag,
  type SpaceId,
  type Tag,
} from '#agent/core/ids.ts';
import type { GrantRecord } from '#agent/core/record.ts';
import { formOf } from '#agent/core/seal-form.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import { BoundedMap } from './bounded-map.ts';
import { deviceSuite, makeDeviceGrants, openDeviceGrant } from './device-grant.ts';
import { DeviceKeys, type UseDevice } from './device-keys.ts';
import { EpochKeys } from './epoch.ts';
import type { EpochFacts, OpeningReason } from './epoch-facts.ts';
import { EpochBook, type KnownEpoch } from './epoch-book.ts';
import { sameMaterial } from './epoch-material.ts';
import { makeGrants, openGrant } from './grant.ts';
import type { ItemKeys } from './item-keys.ts';
import type { EpochCipher, KeyringParts, RotationCause } from './keyring-parts.ts';
import { epochSecret, keyLength, type TagKey, tagKey } from './key-types.ts';
import type { CipherKeyName } from './state-cipher.ts';
import { suites } from './suite.ts';

const cachedEpochs = 512;
const cachedSpaces = 256;
const tagLength = 16;

type EpochPlace = Pick<ItemKeys, 'space' | 'origin' | 'epoch' | 'suite'>;

export interface Current {
  readonly keys: ItemKeys;
  /** Under this tag the epoch's grant stands in the origin's feed. Publish `grant()` first while it does not. */
  readonly grantTag: Tag;
}

export class Keyring {
  readonly #parts: KeyringParts;
  readonly #book: EpochBook;
  readonly #epochs = new BoundedMap<string, ItemKeys>(cachedEpochs);
  readonly #gone = new BoundedMap<string, true>(cachedEpochs);
  readonly #tagKeys = new BoundedMap<SpaceId, TagKey>(cachedSpaces);
  readonly #tagKeysLoading = new Map<SpaceId, Promise<TagKey>>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: KeyringParts) {
    this.#parts = parts;
    this.#book = new EpochBook(parts.store);
  }

  /** The epoch that this node's `origin` seals a label class under; opens one when there is none for these readers. */
  current(agreement: Agreement, origin: Origin, labelClass: string): Promise<Current> {
    return this.#inTurn(async () => {
      const keys = await this.#currentKeys(agreement, origin, labelClass);
      return { keys, grantTag: await this.grantTagOf(keys) };
    });
  }

  /** Opens a new epoch whoever the readers are; its grant is still to be published. */
  rotate(agreement: Agreement, origin: Origin, labelClass: string, cause: RotationCause): Promise<Current> {
    return this.#inTurn(async () => {
      const keys = await this.#currentKeys(agreement, origin, labelClass, cause);
      return { keys, grantTag: await this.grantTagOf(keys) };
    });
  }

  /** The label classes that this node's `origin` has sealed anything under. */
  classes(space: SpaceId, origin: Origin): Promise<readonly string[]> {
    return this.#book.classes(space, origin);
  }

  /** The number of the epoch that `origin` seals a class under; undefined before the first. */
  async currentEpoch(space: SpaceId, origin: Origin, labelClass: string): Promise<number | undefined> {
    return (await this.#book.current(space, origin, labelClass))?.epoch;
  }

  facts(space: SpaceId, origin: Origin, epoch: number): Promise<EpochFacts> {
    return this.#book.facts(space, origin, epoch);
  }

  /** Forgets an epoch's secret for good. The caller is sure that nothing needs it, and that it is not current. */
  destroy(space: SpaceId, origin: Origin, epoch: number): Promise<void> {
    return this.#inTurn(async () => {
      const key = cacheKey(space, origin, epoch);
      // Whoever reads it at this moment must not put it into the cache again.
      this.#gone.set(key, true);
      this.#epochs.delete(key);
      await this.#book.destroy(space, origin, epoch, this.#parts.clock.now());
    });
  }

  /** Every epoch of this node's feed, the first one first. */
  async *ownEpochs(space: SpaceId, origin: Origin): AsyncGenerator<Current> {
    const last = await this.#book.last(space, origin);
    for (let epoch = 1; epoch <= last; epoch++) {
      const keys = await this.keysFor(space, origin, epoch);
      if (keys) yield { keys, grantTag: await this.grantTagOf(keys) };
    }
  }

  /** Under this tag the grant of one of this node's epochs stands in its feed. */
  async grantTagOf({ space, origin, epoch, suite }: EpochPlace): Promise<Tag> {
    return tag(suite, await this.#tagKey(space), `\0grant/${originKey(origin)}/${epoch}`);
  }

  async #currentKeys(
    agreement: Agreement,
    origin: Origin,
    labelClass: string,
    cause?: RotationCause,
  ): Promise<ItemKeys> {
    const { space, suite } = agreement;
    const device = isSecretClass(labelClass) ? this.#deviceKey(space, labelClass) : undefined;
    const at = this.#parts.clock.now();
    const members = readersOf(agreement, origin.node, labelClass, at);
    const readers = readersDigest(suite, members);
    const form = formOf(labelClass);
    const current = await this.#book.current(space, origin, labelClass);
    const same = current?.readers === readers;
    let lost: OpeningReason = 'secret-lost';
    if (same && !cause) {
      const keys = await this.keysFor(space, origin, current.epoch);
      if (keys?.form === form) return keys;
      lost = keys ? 'new-form' : device ? 'other-device' : 'secret-lost';
    }
    const why = current && same ? (cause?.why ?? lost) : current ? 'readers-changed' : 'new';
    const epoch = (await this.#book.last(space, origin)) + 1;
    const opening = { agreement, origin, labelClass, epoch, before: current?.epoch ?? 0, readers: members };
    await this.#parts.opening?.({ ...opening, why, ...(cause ? { cause } : {}) });
    const material = device ? { device } : { secret: epochSecret(this.#parts.random.bytes(keyLength)) };
    const known = { labelClass, suite, ...material, form };
    await this.#book.open(space, origin, known, { readers, at, why });
    return this.#made(space, origin, epoch, known);
  }

  #deviceKey(space: SpaceId, labelClass: string): CipherKeyName {
    const { cipher } = this.#parts;
    if (!cipher) throw new DongboError('SECRET_NO_APPROVED_CIPHER', { label: labelClass });
    return cipher.keyFor(space, labelClass);
  }

  /** The epoch's secret wrapped to each of its readers: about 2 ms each. */
  async grant(agreement: Agreement, keys: ItemKeys): Promise<GrantRecord> {
    await this.#parts.granting?.(agreement, keys);
    const now = this.#parts.clock.now();
    return keys instanceof DeviceKeys
      ? makeDeviceGrants(agreement, keys, now)
      : makeGrants(agreement, keys, now);
  }

  /** Undefined when this node holds no grant of that epoch, or cannot use its device for state secrets now. */
  async keysFor(space: SpaceId, origin: Origin, epoch: number): Promise<ItemKeys | undefined> {
    const keys = await this.#known(space, origin, epoch);
    if (!(keys instanceof DeviceKeys)) return keys;
    return this.#parts.cipher?.opens(space, keys.labelClass, keys.device) ? keys : undefined;
  }

  /** The label class of an epoch that was granted to this node, whether it can be opened now or not. */
  async classOf(space: SpaceId, origin: Origin, epoch: number): Promise<string | undefined> {
    return (await this.#known(space, origin, epoch))?.labelClass;
  }

  /** The key of the device that an epoch was granted under; undefined when it is none of those. */
  async deviceOf(space: SpaceId, origin: Origin, epoch: number): Promise<CipherKeyName | undefined> {
    const keys = await this.#known(space, origin, epoch);
    return keys instanceof DeviceKeys ? keys.device : undefined;
  }

  async #known(space: SpaceId, origin: Origin, epoch: number): Promise<ItemKeys | undefined> {
    const known = this.#epochs.get(cacheKey(space, origin, epoch));
    if (known) return known;
    const found = await this.#book.secret(space, origin, epoch);
    if (this.#gone.get(cacheKey(space, origin, epoch))) return undefined;
    return found && this.#made(space, origin, epoch, found);
  }

  #made(space: SpaceId, origin: Origin, epoch: number, known: KnownEpoch): ItemKeys {
    const parts = { space, origin, epoch, ...known };
    const use: UseDevice = (key, work) => this.#cipher().use(key, work);
    const keys = 'device' in parts ? new DeviceKeys({ ...parts, use }) : new EpochKeys(parts);
    this.#epochs.set(cacheKey(space, origin, epoch), keys);
    return keys;
  }

  #cipher(): EpochCipher {
    const { cipher } = this.#parts;
    if (!cipher) throw new DongboError('SECRET_NO_APPROVED_CIPHER', { label: '' });
    return cipher;
  }

  /**
   * Takes in a grant record of `origin`'s feed, which the caller has verified. Nothing happens when it holds no grant
   * for this node. Throws GRANT_OTHER_SUITE when its suite is not that of the space, GRANT_TAMPERED when ours does not
   * open, GRANT_CHANGED when the epoch is known and differs, AGREEMENT_ABSENT.
   */
  async learn(space: SpaceId, origin: Origin, record: GrantRecord): Promise<void> {
    const { epoch, labelClass, form } = record;
    const details = { node: origin.node, epoch };
    const suite = this.#parts.suiteOf(space);
    if (!suite) throw new DongboError('AGREEMENT_ABSENT', { space });
    const opened = await this.#opened({ space, suite }, origin, record);
    if (opened.outcome === 'other-suite') throw new DongboError('GRANT_OTHER_SUITE', { ...details, suite });
    if (opened.outcome === 'not-for-us') return;
    if (opened.outcome === 'tampered') throw new DongboError('GRANT_TAMPERED', details);
    const { outcome: _, ...material } = opened;
    await this.#inTurn(async () => {
      // Who kept an old grant brings no destroyed secret back.
      if ((await this.#book.facts(space, origin, epoch)).destroyed > 0) return;
      const known = await this.#book.secret(space, origin, epoch);
      const learnt = { labelClass, suite, ...material, ...(form ? { form } : {}) };
      if (!known) return this.#book.putSecret(space, origin, epoch, learnt);
      if (known.labelClass === labelClass && known.form === form && sameMaterial(known, material)) return;
      throw new DongboError('GRANT_CHANGED', details);
    });
  }

  /** State secrets are never under a key of ours, and nothing else is under a device's: such a grant is not even tried. */
  async #opened(place: Pick<Agreement, 'space' | 'suite'>, origin: Origin, record: GrantRecord) {
    const { identity } = this.#parts;
    const secret = isSecretClass(record.labelClass);
    if (secret !== (record.suite === deviceSuite)) return { outcome: 'other-suite' } as const;
    return secret ? openDeviceGrant(record, identity.node) : openGrant(place, origin, record, identity);
  }

  /** The opaque name of an item in this node's feed. The key behind it never leaves this node. */
  async tagOf({ space, suite }: Pick<Agreement, 'space' | 'suite'>, path: string): Promise<Tag> {
    return tag(suite, await this.#tagKey(space), path);
  }

  #tagKey(space: SpaceId): TagKey | Promise<TagKey> {
    const known = this.#tagKeys.get(space) ?? this.#tagKeysLoading.get(space);
    if (known) return known;
    const loading = this.#loadTagKey(space).finally(() => this.#tagKeysLoading.delete(space));
    this.#tagKeysLoading.set(space, loading);
    return loading;
  }

  async #loadTagKey(space: SpaceId): Promise<TagKey> {
    const { store, random } = this.#parts;
    const name = `tag/${space}`;
    const known = await store.get(name);
    const key = tagKey(known ?? random.bytes(keyLength));
    if (!known) await store.put(name, key);
    this.#tagKeys.set(space, key);
    return key;
  }

  /** One at a time, so that two callers never open two epochs, or one number twice. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task, task);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

const cacheKey = (space: SpaceId, origin: Origin, epoch: number) => `${space}/${originKey(origin)}/${epoch}`;

/** A path never holds NUL, so no path can collide with a grant's name. */
const tag = (suite: SuiteName, key: TagKey, name: string): Tag =>
  parseTag(
    createHmac(suites[suite].hash, key)
      .update(name, 'utf8')
      .digest('hex')
      .slice(0, tagLength * 2),
  );

function readersDigest(suite: SuiteName, readers: readonly Member[]): Digest {
  const hash = createHash('sha256');
  const lines = readers.map(({ card }) => `${card.node} ${hexText(suites[suite].wrapKeyOf(card))}\n`);
  for (const line of lines.sort()) hash.update(line);
  return parseDigest(hexText(hash.digest()));
}
