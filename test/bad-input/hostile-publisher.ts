/**
 * A member with valid keys and a valid role that signs and seals whatever it likes: the receiver's own checks are all
 * that stands between it and the receiver's disk.
 */
import { actorOf } from '#agent/core/actor.ts';
import { type Agreement, agreementDigest } from '#agent/core/agreement.ts';
import { encodeChange } from '#agent/core/change-codec.ts';
import type { Origin } from '#agent/core/ids.ts';
import type { ItemState } from '#agent/core/item.ts';
import { labelClass } from '#agent/core/label.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { HttpsPeer } from '#agent/exchange/https-peer.ts';
import { EpochKeys } from '#agent/seal/epoch.ts';
import { makeGrants } from '#agent/seal/grant.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { sha256 } from '#agent/seal/verify.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { SignedFeed } from '#test/cycle/signed-feed.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';

const never = new AbortController().signal;
const mtimeNs = 1_782_864_000_123_456_789n;

export class HostilePublisher implements AsyncDisposable {
  readonly origin: Origin;
  readonly #feed: SignedFeed;
  readonly #agreement: Agreement;
  readonly #keys: EpochKeys;
  readonly #peer: HttpsPeer;
  readonly #versions = new Map<string, number>();
  readonly #stop = new AbortController();
  #chunks: SealedChunk[] = [];
  #bodies: Uint8Array[] = [];

  private constructor(feed: SignedFeed, agreement: Agreement, keys: EpochKeys, peer: HttpsPeer) {
    this.#feed = feed;
    this.#agreement = agreement;
    this.#keys = keys;
    this.#peer = peer;
    this.origin = keys.origin;
  }

  static async create(
    identity: Identity,
    agreement: Agreement,
    target: { readonly url: string; readonly identity: Identity },
  ): Promise<HostilePublisher> {
    const feed = new SignedFeed(identity, agreement);
    const keyring = new Keyring({
      identity,
      store: new MemorySecrets(),
      random: systemRandom,
      suiteOf: () => agreement.suite,
      clock: systemClock,
    });
    const { keys } = await keyring.current(agreement, feed.origin, labelClass(agreement.label));
    if (!(keys instanceof EpochKeys)) throw new Error('keys of a device');
    const peer = new HttpsPeer({
      url: target.url,
      node: target.identity.node,
      pinnedCert: target.identity.tls.cert,
      tls: identity.tls,
      agreementDigest: () => agreementDigest(agreement),
      clock: systemClock,
      random: systemRandom,
      emit: () => undefined,
    });
    return new HostilePublisher(feed, agreement, keys, peer);
  }

  /** Behaves like anybody else as far as links and questions go. */
  async connect(): Promise<void> {
    await this.#peer.heads(this.#agreement.space, never);
    const listen = async () => {
      for await (const _ of this.#peer.events(this.#stop.signal));
    };
    void listen().catch(() => undefined);
  }

  /** How far the other has signed that this feed is durable and verified on its disk. */
  async receiptSeq(): Promise<number> {
    const { receipts } = await this.#peer.heads(this.#agreement.space, never);
    return Math.max(0, ...receipts.map(({ seq }) => seq));
  }

  /** The key of the epoch, wrapped to everybody: without it nobody would look at the rest. */
  async grant(): Promise<void> {
    this.#bodies.push(encodeRecord(await makeGrants(this.#agreement, this.#keys, systemClock.now())));
  }

  file(path: string, text: string): this {
    const plain = Buffer.from(text);
    const chunk = this.#keys.seal(plain);
    this.#chunks.push(chunk);
    const state = { kind: 'file', mode: 0o644, mtimeNs, size: plain.length, sha256: sha256(plain) } as const;
    return this.#item(path, state, chunk.id, plain.length);
  }

  link(path: string, target: string): this {
    return this.#item(path, { kind: 'link', target, mtimeNs });
  }

  dir(path: string): this {
    return this.#item(path, { kind: 'dir', mode: 0o755 });
  }

  gone(path: string): this {
    return this.#item(path, { kind: 'gone' });
  }

  #item(path: string, state: ItemState, id?: SealedChunk['id'], length = 0): this {
    const count = (this.#versions.get(path) ?? 0) + 1;
    this.#versions.set(path, count);
    const content = id ? { content: { levels: 0, refs: [{ id, length }] } } : {};
    const version = [[actorOf(this.origin), count]] as const;
    const sealed = this.#keys.sealRecord(encodeChange({ path, state, version, ...content }));
    const { epoch, labelClass: label } = this.#keys;
    this.#bodies.push(encodeRecord({ type: 'item', epoch, labelClass: label, sealed }));
    return this;
  }

  /** Signs what was gathered as one segment and brings it, chunks first, as the protocol wants it. */
  async push(): Promise<void> {
    const { space } = this.#agreement;
    const chunks = this.#chunks.splice(0);
    const stream = async function* () {
      yield* chunks;
    };
    if (chunks.length > 0) await this.#peer.putChunks(space, stream(), never);
    const { segment, head } = this.#feed.next(this.#bodies.splice(0));
    await this.#peer.pushSegments(space, [segment], head, never);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('done'));
    await this.#peer[Symbol.asyncDispose]();
  }
}
