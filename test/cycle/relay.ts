/** A relay with a real vault, and the pushes of a node to it, one at a time. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agreement } from '#agent/core/agreement.ts';
import type { ChunkId, NodeId } from '#agent/core/ids.ts';
import { NodeLinkLocal } from '#agent/cycle/link-local.ts';
import { PeerBook } from '#agent/cycle/peer-book.ts';
import { ServeBackend } from '#agent/cycle/serve-backend.ts';
import { WantList } from '#agent/cycle/wanted.ts';
import { EventHub } from '#agent/exchange/event-hub.ts';
import { MemoryPeer } from '#agent/exchange/memory-peer.ts';
import { Semaphore } from '#agent/exchange/semaphore.ts';
import { SpacePush } from '#agent/exchange/space-push.ts';
import { State } from '#agent/feed/state.ts';
import { Vault } from '#agent/feed/vault.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { TestNode } from './node.ts';
import type { SpaceNode } from './space-node.ts';

const never = new AbortController().signal;

export class Relay {
  /** Requests to drop, as they came. */
  readonly dropped: (readonly ChunkId[])[] = [];
  /** Fails requests to drop while set, after the relay has done what it was asked. */
  loses = false;
  readonly vault: Vault;
  readonly #node: TestNode;
  readonly #dir: string;
  readonly #backend: ServeBackend;

  private constructor(node: TestNode, vault: Vault, dir: string) {
    this.#node = node;
    this.vault = vault;
    this.#dir = dir;
    const parts = {
      vault,
      wanted: new WantList(node.clock),
      hub: new EventHub(),
      peers: new PeerBook(node.clock),
    };
    this.#backend = new ServeBackend({ role: 'relay', space: () => node.own, ...parts });
  }

  static async open(me: Identity, agreement: Agreement, cleanup: AsyncDisposable[]): Promise<Relay> {
    const node = await TestNode.open(me, agreement);
    const dir = await temporaryDir();
    const state = await State.open(dir.path, { node: me.node, clock: node.clock });
    const vault = await Vault.open(join(dir.path, 'vault'), state);
    cleanup.push(node, dir, state, vault);
    return new Relay(node, vault, dir.path);
  }

  get node(): NodeId {
    return this.#node.me.node;
  }

  /** What a link brings to the relay in one go: drops, chunks, segments. */
  async take(from: SpaceNode): Promise<void> {
    const { space } = from.own;
    const { node } = this.#node.me;
    const peer = new MemoryPeer(node, this.#watched(), from.own.origin.node);
    const { identity, keyring } = from;
    const local = new NodeLinkLocal({
      identity,
      keyring,
      peers: new PeerBook(this.#node.clock),
      space: () => from.own,
    });
    const push = new SpacePush({ peer, local, uploads: new Semaphore(4) }, space);
    // As a link does: what a stretch leaves out is only excused by one that follows it.
    for (let tries = this.loses ? 1 : 5; ; tries -= 1) {
      push.lookBegins();
      push.noteReply(await peer.heads(space, never));
      const failure = await push.run(never).catch((error: unknown) => error);
      if (failure === undefined) return;
      if (tries === 1) throw failure;
    }
  }

  #watched(): ServeBackend {
    const relay = this;
    const backend = this.#backend;
    return new Proxy(backend, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (name !== 'dropChunks') return value.bind(target);
        return async (...args: Parameters<ServeBackend['dropChunks']>) => {
          const count = await target.dropChunks(...args);
          relay.dropped.push(args[2]);
          if (relay.loses) throw new Error('lost');
          return count;
        };
      },
    });
  }

  /** The sealed bytes of chunks, as the relay gives them out. */
  async sealed(of: SpaceNode, ids: readonly ChunkId[]): Promise<Uint8Array[]> {
    const found: Uint8Array[] = [];
    for await (const { sealed } of this.vault.copies(of.own.space, of.own.origin.node, ids))
      found.push(sealed);
    return found;
  }

  /** Whether any file of the relay holds the bytes. */
  async holds(bytes: Uint8Array): Promise<boolean> {
    for (const entry of await readdir(this.#dir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      if ((await readFile(join(entry.parentPath, entry.name))).includes(bytes)) return true;
    }
    return false;
  }
}

/** The chunks that the record of an item names. */
export async function chunksOf(node: SpaceNode, path: string): Promise<readonly ChunkId[]> {
  const row = await node.own.state.row(path);
  return (row?.remote?.content?.refs ?? []).map(({ id }) => id);
}
