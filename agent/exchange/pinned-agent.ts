/** Connections to one peer: TLS 1.3, the peer's exact certificate and no other, counted on the TCP socket beneath. */
import { Agent } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Emit } from '#agent/core/event.ts';
import type { NodeId } from '#agent/core/ids.ts';
import { connectMs } from './limits.ts';
import { type TlsKeys, trustOnly } from './pinned-trust.ts';
import { SocketMeter } from './socket-meter.ts';

type Created = (error: Error | null, stream: Duplex) => void;
type ConnectionOptions = Parameters<Agent['createConnection']>[0] & {
  readonly host?: string;
  readonly port?: number;
};

export interface Pinned {
  readonly node: NodeId;
  /** PEM. */
  readonly pinnedCert: string;
  readonly tls: TlsKeys;
  readonly emit: Emit;
}

const maxSockets = 8;
const probeMs = 30_000;

export class PinnedAgent extends Agent {
  readonly #peer: NodeId;
  readonly #emit: Emit;
  readonly #sockets = new Map<Socket, SocketMeter>();

  constructor({ node, pinnedCert, tls, emit }: Pinned) {
    const trust = trustOnly(pinnedCert, tls);
    super({ ...trust, keepAlive: true, maxSockets, maxFreeSockets: maxSockets, scheduling: 'lifo' });
    this.#peer = node;
    this.#emit = emit;
  }

  /** TLS starts once TCP stands, because the choice among several addresses would pull the socket from under it. */
  override createConnection(options: ConnectionOptions, created: Created): undefined {
    const address = { host: options.host ?? 'localhost', port: options.port ?? 443 };
    const alive = { noDelay: true, keepAlive: true, keepAliveInitialDelay: probeMs };
    const raw = connect({ ...address, ...alive, timeout: connectMs });
    const meter = new SocketMeter(raw, this.#peer, this.#emit);
    this.#sockets.set(raw, meter);
    raw.once('close', () => {
      meter.report();
      this.#sockets.delete(raw);
    });
    const failed = (error: Error) => created(error, raw);
    raw.once('error', failed);
    raw.on('timeout', giveUp);
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
    secure.once('secureConnect', () => raw.off('timeout', giveUp));
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

/** TCP and TLS have so long to stand; after that the timeouts of requests watch. */
function giveUp(this: Socket): void {
  this.destroy(Object.assign(new Error('connection timed out'), { code: 'ETIMEDOUT' }));
}
