/** The listening end of the exchange: HTTPS with mutual TLS 1.3 (docs/protocol.md). */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { DongboError } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { NodeId, SpaceId } from '#agent/core/ids.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { memoryLimit } from '#agent/sys/memory-limit.ts';
import { Admission, type AdmissionLimits, admissionLimits } from './admission.ts';
import type { ExchangeBackend } from './backend.ts';
import { Connections } from './connections.ts';
import { answer, type Call, type Parts } from './handlers.ts';
import type { GateLimits } from './gate.ts';
import {
  connectionsFor,
  gateFor,
  maxConnectionsPerNode,
  maxHeaderBytes,
  segmentPushesAtOnce,
  uploadLimits,
} from './limits.ts';
import { type TlsKeys, tlsVersion } from './pinned-trust.ts';
import { refuse } from './reply.ts';
import { agreementHeader, routeOf } from './routes.ts';
import { Semaphore } from './semaphore.ts';
import { sendEvents } from './send-events.ts';
import { type ServerTimes, serverTimes } from './server-times.ts';
import type { ConnectionLimits } from './standing.ts';
import type { TrustBook } from './trust-book.ts';
import { TrustIndex } from './trust-index.ts';
import { type UploadLimits, UploadPlaces } from './upload-places.ts';
import { refusalOf } from './wire-error.ts';

export interface ServerOptions {
  readonly address: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly tls: TlsKeys;
  readonly trust: TrustBook;
  readonly backend: ExchangeBackend;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly times?: Partial<ServerTimes>;
  readonly admission?: Partial<AdmissionLimits>;
  readonly uploads?: Partial<UploadLimits>;
  /** Bytes that the process may have: how many connections there may be follows from it. */
  readonly memory?: number;
  readonly connections?: Partial<ConnectionLimits>;
  readonly gate?: Partial<GateLimits>;
}

const retryAfterSeconds = '2';
/** What requests under way get when the node stops. */
const drainMs = 3_000;

export class ExchangeServer implements AsyncDisposable {
  readonly #options: ServerOptions;
  readonly #times: ServerTimes;
  readonly #index: TrustIndex;
  readonly #admission: Admission;
  readonly #connections: Connections;
  readonly #parts: Parts;
  readonly #stop = new AbortController();
  readonly #server: Server;

  private constructor(options: ServerOptions) {
    this.#options = options;
    this.#times = { ...serverTimes, ...options.times };
    this.#index = new TrustIndex(options.trust);
    this.#admission = new Admission({ ...admissionLimits, ...options.admission });
    this.#parts = {
      backend: options.backend,
      segmentPushes: new Semaphore(segmentPushesAtOnce),
      uploads: new UploadPlaces({ ...uploadLimits, ...options.uploads }, options.clock),
    };
    this.#server = createServer({ ...this.#context(), ...this.#limits() });
    this.#server.timeout = this.#times.idleMs;
    const { emit, clock, memory = memoryLimit() } = options;
    this.#connections = new Connections(this.#server, this.#index, {
      ...{ emit, clock },
      gate: { ...gateFor(memory), ...options.gate },
      limits: { standing: connectionsFor(memory), perNode: maxConnectionsPerNode, ...options.connections },
    });
    this.#server.on('request', (req, res) => void this.#serve(req, res));
  }

  /** Throws LISTEN_FAILED. */
  static async listen(options: ServerOptions): Promise<ExchangeServer> {
    const made = new ExchangeServer(options);
    const { address, port } = options;
    made.#server.listen({ host: address, port });
    try {
      await once(made.#server, 'listening');
    } catch (error) {
      const cause = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      throw new DongboError('LISTEN_FAILED', { address, port, cause }, { retry: 'later', cause: error });
    }
    return made;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Call when agreements came, changed or ended: connections of nodes that are known no more are cut. */
  updateTrust(): void {
    if (!this.#index.refresh()) return;
    this.#server.setSecureContext(this.#context());
    this.#connections.cutStrangers();
  }

  #context() {
    const { key, cert } = this.#options.tls;
    return { key, cert, ca: this.#index.anchors, minVersion: tlsVersion } as const;
  }

  #limits() {
    const { headersMs, requestMs, keepAliveMs } = this.#times;
    return {
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: headersMs,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: Math.min(headersMs, 5_000),
      maxHeaderSize: maxHeaderBytes,
    };
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const closed = new AbortController();
    res.once('close', () => closed.abort(new Error('connection closed')));
    const { signal } = closed;
    // A failing connection shows in `close` and in the reads and writes; nobody else listens for it.
    req.on('error', () => {});
    res.on('error', () => {});
    const caller = this.#connections.callerOf(req.socket);
    const over = this.#connections.busy(req.socket);
    try {
      if (!caller) throw new DongboError('NOT_A_MEMBER');
      await this.#route({ caller, req, res, signal }, closed);
    } catch (error) {
      this.#failed(req, res, error, signal);
    } finally {
      over();
      this.#connections.report(req.socket);
    }
  }

  async #route(call: Call, closed: AbortController): Promise<void> {
    const { caller, req } = call;
    const route = routeOf(req.method ?? '', req.url ?? '');
    const leave =
      route.name === 'events' ? this.#admission.hold(caller, closed) : this.#admission.enter(caller);
    if (!leave) throw new DongboError('PEER_BUSY', {}, { retry: 'later' });
    try {
      if (route.name === 'events') return await this.#events(call);
      this.#checkAgreement(caller, route.space, req.headers[agreementHeader]);
      await answer(call, route, this.#parts);
    } finally {
      leave();
    }
  }

  #checkAgreement(caller: NodeId, space: SpaceId, digest: string | string[] | undefined): void {
    const trust = this.#options.trust.inForce(space);
    if (!trust) throw new DongboError('SPACE_NOT_SHARED', { space });
    if (!trust.members.has(caller)) throw new DongboError('NOT_A_MEMBER', { space });
    if (trust.digest !== digest) throw new DongboError('AGREEMENT_MISMATCH', { space });
  }

  #events({ caller, req, res, signal: closed }: Call): Promise<void> {
    const { backend, clock, trust } = this.#options;
    const signal = AbortSignal.any([closed, this.#stop.signal]);
    const stream = {
      events: backend.events(caller, signal),
      allowed: ({ space }: { space: SpaceId }) => trust.inForce(space)?.members.has(caller) ?? false,
      heartbeatMs: this.#times.heartbeatMs,
      clock,
      onBeat: () => this.#connections.report(req.socket),
    };
    return sendEvents(res, stream, signal);
  }

  #failed(req: IncomingMessage, res: ServerResponse, error: unknown, signal: AbortSignal): void {
    if (signal.aborted || this.#stop.signal.aborted) {
      res.destroy();
      return;
    }
    const code = refusalOf(error);
    this.#tellRefused(code, req, error);
    if (code === 'PEER_INTERNAL') this.#options.emit({ type: 'error', code, details: causeOf(error) });
    refuse(req, res, { code, headers: headersOf(error) }, this.#options.clock);
  }

  /** A member that asks for what it may not have, or sends what is not right; the others are a matter of the day. */
  #tellRefused(code: string, req: IncomingMessage, error: unknown): void {
    if (!toldRefusals.has(code)) return;
    const peer = this.#connections.callerOf(req.socket);
    const space = error instanceof DongboError ? error.details.space : undefined;
    const address = req.socket.remoteAddress ?? 'unknown';
    const details = { peer: peer ?? 'unknown', address, ...(space === undefined ? {} : { space }) };
    this.#options.emit({ type: 'refused', code, details });
  }

  /** Ends event streams at once, gives the others a moment to finish, then cuts. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#stop.abort(new Error('server stops'));
    const drained = new AbortController();
    const patience = this.#options.clock.sleep(drainMs, drained.signal).catch(() => {});
    await Promise.race([closed, patience]);
    drained.abort();
    this.#connections.cutAll();
    await closed;
  }
}

const toldRefusals = new Set([
  'NOT_A_MEMBER',
  'AGREEMENT_MISMATCH',
  'SPACE_NOT_SHARED',
  'ROLE_REFUSED',
  'SEGMENT_REFUSED',
  'BODY_MALFORMED',
]);

function headersOf(error: unknown): Record<string, string> {
  if (!(error instanceof DongboError)) return {};
  if (error.code === 'PEER_BUSY') return { 'retry-after': retryAfterSeconds };
  return error.code === 'METHOD_REFUSED' ? { allow: String(error.details.allow) } : {};
}

/** The cause stays on this node, and without its text: that may hold a path. */
const causeOf = (error: unknown): { cause: string } => ({
  cause: error instanceof DongboError ? error.code : error instanceof Error ? error.name : 'unknown',
});
