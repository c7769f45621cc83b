/** Every open connection of a server: whose it is, what it moved, and what was refused before it stood. */
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { DongboError } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { NodeId } from '#agent/core/ids.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { Gate, type GateLimits } from './gate.ts';
import { SocketMeter } from './socket-meter.ts';
import { type ConnectionLimits, Standing } from './standing.ts';
import { handshakeRefusal, RefusalLog } from './tls-refusal.ts';
import type { TrustIndex } from './trust-index.ts';

export interface ConnectionParts {
  readonly emit: Emit;
  readonly clock: Clock;
  readonly gate: GateLimits;
  readonly limits: ConnectionLimits;
}

const endpoint = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`;
/** A refused TLS socket has forgotten its address by the time it is told of; the TCP socket below was asked in time. */
const addressOf = (socket: Socket & { readonly _parent?: Socket }): string =>
  socket.remoteAddress ?? socket._parent?.remoteAddress ?? 'unknown';

const rawReplies: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Who asked the wrong server, or forgot the `s` of `https`, sees so at once. */
const plainText = 'This port speaks TLS only: https, with the certificate of a member.\n';
const plainReply = `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${plainText.length}\r\n\r\n${plainText}`;

export class Connections {
  readonly #index: TrustIndex;
  readonly #emit: Emit;
  readonly #refusals: RefusalLog;
  /** TCP sockets by the caller's address and port: TLS hides them, and only they count what crosses the network. */
  readonly #raw = new Map<string, Socket>();
  readonly #meters = new Map<Socket, SocketMeter>();

  readonly #gate: Gate;
  readonly #standing: Standing;

  constructor(server: Server, index: TrustIndex, { emit, clock, gate, limits }: ConnectionParts) {
    this.#index = index;
    this.#emit = emit;
    this.#refusals = new RefusalLog(emit, clock);
    this.#standing = new Standing(limits, clock);
    // TLS begins where the server would have begun it, when the gate says so.
    const [secure] = server.listeners('connection') as ((raw: Socket) => void)[];
    if (!secure) throw new DongboError('INVARIANT', { what: 'a server that begins TLS' });
    server.removeAllListeners('connection');
    this.#gate = new Gate(gate, (raw) => {
      this.#noteRaw(raw);
      secure.call(server, raw);
    });
    server.on('connection', (raw: Socket) => this.#gate.arrived(raw));
    server.on('secureConnection', (socket) => this.#admit(socket));
    server.on('tlsClientError', (error, socket) => this.#handshakeFailed(error, socket));
    server.on('clientError', (error, socket) => this.#garbage(error, socket as TLSSocket));
  }

  /** The node at the other end by the trust of this moment. */
  callerOf(socket: Socket): NodeId | undefined {
    return this.#index.nodeOf((socket as TLSSocket).getPeerX509Certificate?.());
  }

  report(socket: Socket): void {
    this.#meters.get(socket)?.report();
  }

  cutStrangers(): void {
    for (const socket of this.#meters.keys()) if (!this.callerOf(socket)) socket.destroy();
  }

  /** A request on it begins; call what is returned when it is over. */
  busy(socket: Socket): () => void {
    return this.#standing.busy(socket);
  }

  cutAll(): void {
    this.#gate.cutAll();
    for (const raw of this.#raw.values()) raw.destroy();
  }

  #noteRaw(raw: Socket): void {
    const key = endpoint(raw);
    this.#raw.set(key, raw);
    raw.setKeepAlive(true, 30_000);
    raw.once('close', () => {
      if (this.#raw.get(key) === raw) this.#raw.delete(key);
    });
  }

  #admit(socket: TLSSocket): void {
    const raw = this.#raw.get(endpoint(socket));
    if (raw) this.#gate.settled(raw);
    const caller = this.callerOf(socket);
    if (!caller) {
      this.#refusals.tell('TLS_UNKNOWN_CERTIFICATE', addressOf(socket), 'not in any agreement in force');
      socket.destroy();
      return;
    }
    if (!this.#standing.admit(socket, caller)) {
      this.#refusals.tell(
        'CONNECTIONS_FULL',
        addressOf(socket),
        'too many connections of one node, or of all',
      );
      socket.destroy();
      return;
    }
    const meter = new SocketMeter(raw ?? socket, caller, this.#emit);
    this.#meters.set(socket, meter);
    socket.once('close', () => {
      meter.report();
      this.#meters.delete(socket);
    });
  }

  #handshakeFailed(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const code = handshakeRefusal(error, socket);
    if (code) this.#refusals.tell(code, addressOf(socket), error.code ?? 'unknown');
    if (code === 'TLS_PLAIN_HTTP') this.#raw.get(endpoint(socket))?.end(plainReply);
    socket.destroy();
  }

  /** What came through TLS but is not HTTP, or not in time. */
  #garbage(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    // More of the same came while the answer is on its way.
    if (socket.writableEnded && !socket.writableFinished) return;
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const slow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    this.#refusals.tell(slow ? 'HTTP_TIMEOUT' : 'HTTP_MALFORMED', addressOf(socket), error.code ?? 'unknown');
    const status = rawReplies[error.code ?? ''] ?? '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  }
}
