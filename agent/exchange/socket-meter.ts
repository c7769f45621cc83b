/**
 * Counts what really crosses the network for one connection: bytes of the TCP stream, TLS and HTTP included, the
 * handshake too. Reported as differences, whenever a request ends, at heartbeats, and when the socket closes.
 */
import type { Socket } from 'node:net';
import type { Emit } from '#agent/core/event.ts';
import type { NodeId } from '#agent/core/ids.ts';

export class SocketMeter {
  readonly #socket: Pick<Socket, 'bytesRead' | 'bytesWritten'>;
  readonly #peer: NodeId;
  readonly #emit: Emit;
  #read = 0;
  #written = 0;

  /** `socket` is the TCP socket beneath TLS: a TLS socket counts its plaintext. */
  constructor(socket: Pick<Socket, 'bytesRead' | 'bytesWritten'>, peer: NodeId, emit: Emit) {
    this.#socket = socket;
    this.#peer = peer;
    this.#emit = emit;
  }

  report(): void {
    const { bytesRead, bytesWritten } = this.#socket;
    this.#tell('in', bytesRead - this.#read);
    this.#tell('out', bytesWritten - this.#written);
    this.#read = bytesRead;
    this.#written = bytesWritten;
  }

  #tell(direction: 'in' | 'out', bytes: number): void {
    if (bytes > 0) this.#emit({ type: 'wire', peer: this.#peer, direction, bytes });
  }
}
