/** Connections to one peer: TLS 1.3, the peer's exact certificate and no other, counted on the TCP socket beneath. */
import { Agent, type AgentOptions } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Emit } from '#agent/core/event.ts';
import type { NodeId } from '#agent/core/ids.ts';
import { connectMs } from './limits.ts';
import { SocketMeter } from './socket-meter.ts';

type Created = (error: Error | null, stream: Duplex) => void;
type ConnectionOptions = Parameters<Agent['createConnection']>[0] & { readonly host?: string; readonly port?: number };

const maxSockets = 8;
const probeMs = 30_000;

export class PinnedAgent extends Agent {
  readonly #peer: NodeId;
  readonly #emit: Emit;
  readonly #sockets = new Map<Socket, SocketMeter>();

  constructor(peer: NodeId, emit: Emit, options: AgentOptions = {}) {
    super({ ...options, keepAlive: true, maxSockets, maxFreeSockets: maxSockets, scheduling: 'lifo' });
    this.#peer = peer;
    this.#emit = emit;
  }

  /** TLS starts once TCP stands, because the choice among several addresses would pull the socket from under it. */
  override createConnection(options: ConnectionOptions, created: Created): undefined {
    const address = { host: options.host ?? 'localhost', port: options.port ?? 443 };
    const raw = connect({ ...address, noDelay: true, keepAlive: true, keepAliveInitialDelay: probeMs });
    const meter = new SocketMeter(raw, this.#peer, this.#emit);
    this.#sockets.set(raw, meter);
    raw.once('close', () => {
      meter.report();
      this.#sockets.delete(raw);
    });
    const failed = (error: Error) => created(error, raw);
    raw.once('error', failed);
    raw.setTimeout(connectMs, () => raw.destroy(timedOut()));
    raw.once('connect', () => {
      raw.off('error', failed);
      // Errors from here on reach the request through the TLS socket.
      raw.on('error', () => {});
      created(null, this.#secure(options, raw));
    });
    return undefined;
  }

  #secure(options: ConnectionOptions, raw: Socket): Duplex {
    const secure = super.createConnection({ ...options, socket: raw } as ConnectionOptions, () => {});
    if (!secure) throw new Error('no TLS socket');
    secure.once('secureConnect', () => raw.setTimeout(0));
    secure.once('close', () => raw.destroy());
    return secure;
  }

  /** Emits what has crossed since the last report. */
  report(): void {
    for (const meter of this.#sockets.values()) meter.report();
  }

  override destroy(): void {
    super.destroy();
    for (const raw of this.#sockets.keys()) raw.destroy();
  }
}

const timedOut = (): Error => Object.assign(new Error('connection timed out'), { code: 'ETIMEDOUT' });
