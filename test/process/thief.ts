/**
 * What can be read of a relay's whole disk with everything that one node ever held: each of its epoch secrets is tried on
 * every record and chunk, its wrapping keys on every grant, whatever the records say of themselves.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { rulesOf } from '#agent/core/cells.ts';
import { decodeChange } from '#agent/core/change-codec.ts';
import { decode } from '#agent/core/codec.ts';
import {
  type ChunkId,
  type NodeId,
  type Origin,
  parseNodeId,
  parseSpaceId,
  type SpaceId,
} from '#agent/core/ids.ts';
import type { GrantRecord, ItemRecord } from '#agent/core/record.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import type { SealForm } from '#agent/core/seal-form.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import { allUnder, joinKey } from '#agent/feed/keys.ts';
import { State } from '#agent/feed/state.ts';
import { Vault } from '#agent/feed/vault.ts';
import { VaultIndex } from '#agent/feed/vault-index.ts';
import { EpochKeys } from '#agent/seal/epoch.ts';
import { openGrant } from '#agent/seal/grant.ts';
import { type Identity, loadIdentity } from '#agent/seal/identity.ts';
import { type EpochSecret, epochSecret } from '#agent/seal/key-types.ts';

/** A stopped node: its state directory, and whose it is. */
export interface Disk {
  readonly state: string;
  readonly node: string;
}

export interface Loot {
  /** Records of items on the disk, and the paths of those that opened. */
  readonly records: number;
  readonly paths: readonly string[];
  readonly grants: number;
  readonly openedGrants: number;
  readonly chunks: number;
  readonly openedChunks: number;
  /** How many secrets there were to try. */
  readonly secrets: number;
}

/** `scratch` takes copies, so that nothing of what is looked at changes. */
export async function plunder(
  { relay, thief, space }: { readonly relay: Disk; readonly thief: Disk; readonly space: string },
  scratch: string,
): Promise<Loot> {
  const [held, disk] = [join(scratch, 'thief'), join(scratch, 'relay')];
  await cp(thief.state, held, { recursive: true });
  await cp(relay.state, disk, { recursive: true });
  const identity = await loadIdentity(join(held, 'keys'));
  const secrets = await secretsOf(held, identity.node);
  await using state = await State.open(disk, { node: parseNodeId(relay.node) });
  await using vault = await Vault.open(join(disk, 'vault'), state);
  const search = new Search(identity, secrets, parseSpaceId(space));
  await search.feeds(state);
  await search.vault(vault, state);
  return search;
}

async function secretsOf(dir: string, node: NodeId): Promise<readonly EpochSecret[]> {
  await using state = await State.open(dir, { node });
  const found: EpochSecret[] = [];
  for await (const [key, value] of state.db.entries(allUnder(joinKey('S')))) {
    if (!Buffer.from(key).toString('utf8').startsWith('Sepoch/')) continue;
    found.push(epochSecret((decode(value) as { secret: Uint8Array }).secret));
  }
  return found;
}

const sealForms: readonly SealForm[] = ['padme', 'steps', 'cells'];

class Search implements Loot {
  records = 0;
  readonly paths: string[] = [];
  grants = 0;
  openedGrants = 0;
  chunks = 0;
  openedChunks = 0;
  readonly #identity: Identity;
  readonly #secrets: readonly EpochSecret[];
  readonly #space: SpaceId;
  #suite: SuiteName = 'nacl-pq';
  readonly #authors = new Map<string, Origin>();

  constructor(identity: Identity, secrets: readonly EpochSecret[], space: SpaceId) {
    this.#identity = identity;
    this.#secrets = secrets;
    this.#space = space;
  }

  get secrets(): number {
    return this.#secrets.length;
  }

  async feeds(state: State): Promise<void> {
    const space = state.space(this.#space);
    for (const { origin } of await space.origins()) {
      this.#authors.set(origin.node, origin);
      for await (const { bodies } of space.segments(origin, 1))
        for (const body of bodies) if (body) await this.#record(origin, decodeRecord(body));
    }
  }

  async #record(origin: Origin, record: ItemRecord | GrantRecord): Promise<void> {
    if (record.type === 'grant') return this.#grant(origin, record);
    this.records += 1;
    for (const keys of this.#keys(origin, record)) {
      const plain = keys.openRecord(record.sealed);
      if (!plain) continue;
      this.paths.push(decodeChange(plain, rulesOf(keys.form)).path);
      return;
    }
  }

  *#keys(origin: Origin, { epoch, labelClass }: Pick<ItemRecord, 'epoch' | 'labelClass'>) {
    for (const secret of this.#secrets)
      for (const form of sealForms)
        yield new EpochKeys({
          space: this.#space,
          origin,
          epoch,
          labelClass,
          suite: this.#suite,
          secret,
          form,
        });
  }

  async #grant(origin: Origin, record: GrantRecord): Promise<void> {
    const place = { space: this.#space, suite: this.#suite };
    const { wrapPrivates } = this.#identity;
    for (const { node } of record.grants) {
      this.grants += 1;
      const opened = await openGrant(place, origin, record, { node, wrapPrivates });
      if (opened.outcome === 'opened') this.openedGrants += 1;
    }
  }

  async vault(vault: Vault, state: State): Promise<void> {
    const index = await VaultIndex.open(state.db);
    const ids = new Set<ChunkId>();
    for await (const { key } of index.all()) ids.add(key.slice(32, 96) as ChunkId);
    const [anyone] = this.#authors.values();
    if (!anyone) return;
    for await (const { id, sealed } of vault.copies(this.#space, anyone.node, [...ids])) {
      this.chunks += 1;
      const opens = [...this.#keys(anyone, { epoch: 1, labelClass: 'PUBLIC' })].some((keys) =>
        keys.openChunk(id, sealed),
      );
      if (opens) this.openedChunks += 1;
    }
  }
}
