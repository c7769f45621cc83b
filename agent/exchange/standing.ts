/** Connections whose other end is known: bounded in all and for each node; one that has long been idle makes room. */
import type { Socket } from 'node:net';
import type { NodeId } from '#agent/core/ids.ts';
import type { Clock } from '#agent/sys/clock.ts';

export interface ConnectionLimits {
  readonly standing: number;
  readonly perNode: number;
}

interface Open {
  readonly node: NodeId;
  requests: number;
  idleSince: number;
}

/** One that was in use just now is about to be used again. */
const idleMs = 2_000;

export class Standing {
  readonly #limits: ConnectionLimits;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** In the order in which they came. */
  readonly #open = new Map<Socket, Open>();
  readonly #nodes = new Map<NodeId, Set<Socket>>();

  constructor(limits: ConnectionLimits, clock: Pick<Clock, 'monotonic'>) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** False when there is no room: its node has too many in use, or all have. */
  admit(socket: Socket, node: NodeId): boolean {
    const own = this.#nodes.get(node) ?? new Set();
    if (own.size >= this.#limits.perNode && !this.#cutIdle(own)) return false;
    if (this.#open.size >= this.#limits.standing && !this.#cutIdle(this.#mostOf(own))) return false;
    this.#nodes.set(node, own.add(socket));
    this.#open.set(socket, { node, requests: 0, idleSince: this.#clock.monotonic() });
    socket.once('close', () => this.#leave(socket));
    return true;
  }

  /** A request on it begins; call what is returned when it is over. */
  busy(socket: Socket): () => void {
    const open = this.#open.get(socket);
    if (!open) return () => {};
    open.requests += 1;
    return () => {
      open.requests -= 1;
      open.idleSince = this.#clock.monotonic();
    };
  }

  get size(): number {
    return this.#open.size;
  }

  /** Those of the node that has the most; a node that has few is not to pay for it. */
  #mostOf(own: ReadonlySet<Socket>): ReadonlySet<Socket> {
    let most = own;
    for (const sockets of this.#nodes.values()) if (sockets.size > most.size) most = sockets;
    return most;
  }

  #cutIdle(sockets: ReadonlySet<Socket>): boolean {
    const now = this.#clock.monotonic();
    for (const socket of sockets) {
      const open = this.#open.get(socket);
      if (!open || open.requests > 0 || now - open.idleSince < idleMs) continue;
      this.#leave(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  #leave(socket: Socket): void {
    const open = this.#open.get(socket);
    if (!open) return;
    this.#open.delete(socket);
    const own = this.#nodes.get(open.node);
    own?.delete(socket);
    if (own?.size === 0) this.#nodes.delete(open.node);
  }
}
