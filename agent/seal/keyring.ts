/**
 * The keys that this node holds: its own epochs, those granted to it, and the secret that turns paths into tags.
 * Who is removed or loses clearance changes the set of readers, and a new set of readers opens a new epoch.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Agreement, readersOf } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import {
  type Digest,
  hexText,
  type NodeId,
  type Origin,
  originKey,
  parseDigest,
  parseTag,
  type SpaceId,
  type Tag,
} from '#agent/core/ids.ts';
import type { GrantRecord } from '#agent/core/record.ts';
import type { Random } from '#agent/sys/random.ts';
import { BoundedMap } from './bounded-map.ts';
import { EpochKeys, secretLength } from './epoch.ts';
import { EpochBook } from './epoch-book.ts';
import { makeGrants, openGrant } from './grant.ts';
import type { SecretStore } from './secret-store.ts';

const cachedEpochs = 512;
const cachedSpaces = 256;
const tagLength = 16;

export interface KeyringParts {
  readonly identity: { readonly node: NodeId; readonly wrapPrivate: Uint8Array };
  readonly store: SecretStore;
  readonly random: Random;
  /** Told before an epoch's grant is made: it goes on the record. */
  readonly granting?: (agreement: Agreement, keys: EpochKeys) => Promise<void>;
}

export interface Current {
  readonly keys: EpochKeys;
  /** Under this tag the epoch's grant stands in the origin's feed. Publish `grant()` first while it does not. */
  readonly grantTag: Tag;
}

export class Keyring {
  readonly #parts: KeyringParts;
  readonly #book: EpochBook;
  readonly #epochs = new BoundedMap<string, EpochKeys>(cachedEpochs);
  readonly #tagKeys = new BoundedMap<SpaceId, Uint8Array>(cachedSpaces);
  readonly #tagKeysLoading = new Map<SpaceId, Promise<Uint8Array>>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: KeyringParts) {
    this.#parts = parts;
    this.#book = new EpochBook(parts.store);
  }

  /** The epoch that this node's `origin` seals a label class under; opens one when there is none for these readers. */
  current(agreement: Agreement, origin: Origin, labelClass: string): Promise<Current> {
    return this.#inTurn(async () => {
      const { space } = agreement;
      const keys = await this.#currentKeys(agreement, origin, labelClass);
      return { keys, grantTag: tag(await this.#tagKey(space), `\0grant/${originKey(origin)}/${keys.epoch}`) };
    });
  }

  async #currentKeys(agreement: Agreement, origin: Origin, labelClass: string): Promise<EpochKeys> {
    const { space } = agreement;
    const readers = readersDigest(agreement, origin.node);
    const current = await this.#book.current(space, origin, labelClass);
    if (current?.readers === readers) {
      const keys = await this.keysFor(space, origin, current.epoch);
      if (keys) return keys;
    }
    const secret = this.#parts.random.bytes(secretLength);
    const epoch = await this.#book.open(space, origin, { labelClass, secret }, readers);
    return this.#remember(new EpochKeys({ space, origin, epoch, labelClass, secret }));
  }

  /** The epoch's secret wrapped to each of its readers: about 2 ms each. */
  async grant(agreement: Agreement, keys: EpochKeys): Promise<GrantRecord> {
    await this.#parts.granting?.(agreement, keys);
    return makeGrants(agreement, keys);
  }

  /** Undefined when this node holds no grant of that epoch. */
  async keysFor(space: SpaceId, origin: Origin, epoch: number): Promise<EpochKeys | undefined> {
    const known = this.#epochs.get(cacheKey(space, origin, epoch));
    if (known) return known;
    const found = await this.#book.secret(space, origin, epoch);
    return found && this.#remember(new EpochKeys({ space, origin, epoch, ...found }));
  }

  #remember(keys: EpochKeys): EpochKeys {
    this.#epochs.set(cacheKey(keys.space, keys.origin, keys.epoch), keys);
    return keys;
  }

  /**
   * Takes in a grant record of `origin`'s feed, which the caller has verified. Nothing happens when it holds no grant
   * for this node. Throws GRANT_TAMPERED when ours does not open, GRANT_CHANGED when the epoch is known and differs.
   */
  async learn(space: SpaceId, origin: Origin, record: GrantRecord): Promise<void> {
    const { epoch, labelClass } = record;
    const details = { node: origin.node, epoch };
    const opened = await openGrant(space, origin, record, this.#parts.identity);
    if (opened.outcome === 'not-for-us') return;
    if (opened.outcome === 'tampered') throw new DongboError('GRANT_TAMPERED', details);
    const { secret } = opened;
    await this.#inTurn(async () => {
      const known = await this.#book.secret(space, origin, epoch);
      if (!known) return this.#book.putSecret(space, origin, epoch, { labelClass, secret });
      if (known.labelClass === labelClass && timingSafeEqual(known.secret, secret)) return;
      throw new DongboError('GRANT_CHANGED', details);
    });
  }

  /** The opaque name of an item in this node's feed. The key behind it never leaves this node. */
  async tagOf(space: SpaceId, path: string): Promise<Tag> {
    return tag(await this.#tagKey(space), path);
  }

  #tagKey(space: SpaceId): Uint8Array | Promise<Uint8Array> {
    const known = this.#tagKeys.get(space) ?? this.#tagKeysLoading.get(space);
    if (known) return known;
    const loading = this.#loadTagKey(space).finally(() => this.#tagKeysLoading.delete(space));
    this.#tagKeysLoading.set(space, loading);
    return loading;
  }

  async #loadTagKey(space: SpaceId): Promise<Uint8Array> {
    const { store, random } = this.#parts;
    const name = `tag/${space}`;
    let key = await store.get(name);
    if (!key) {
      key = random.bytes(secretLength);
      await store.put(name, key);
    }
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
const tag = (key: Uint8Array, name: string): Tag =>
  parseTag(
    createHmac('sha256', key)
      .update(name, 'utf8')
      .digest('hex')
      .slice(0, tagLength * 2),
  );

function readersDigest(agreement: Agreement, publisher: NodeId): Digest {
  const hash = createHash('sha256');
  const readers = readersOf(agreement, publisher).map(({ card }) => `${card.node} ${card.wrapKey}\n`);
  for (const line of readers.sort()) hash.update(line);
  return parseDigest(hexText(hash.digest()));
}
