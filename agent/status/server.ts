/** The local status pages: loopback only, GET only, and only when asked for by a loopback name. See docs/status.md. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DongboError } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { isOwnHost } from './host-check.ts';
import type { Recorder } from './recorder.ts';

export interface StatusServerParts {
  readonly port: number;
  /** A loopback address, 127.0.0.1 unless told. */
  readonly address?: string;
  readonly recorder: Recorder;
  readonly emit: Emit;
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const json = (status: number, value: unknown): Reply => ({
  status,
  type: 'application/json; charset=utf-8',
  body: `${JSON.stringify(value, undefined, 2)}\n`,
});
const text = (status: number, body: string): Reply => ({ status, type: 'text/plain; charset=utf-8', body });

const limits = {
  requestTimeout: 10_000,
  headersTimeout: 5_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 8 * 1024,
} as const;
const maxConnections = 64;

export class StatusServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #parts: StatusServerParts;

  private constructor(parts: StatusServerParts) {
    this.#parts = parts;
    this.#server = createServer(limits, (request, response) => void this.#answer(request, response));
    this.#server.maxConnections = maxConnections;
  }

  /** Port 0 takes any free one. Throws STATUS_LISTEN_FAILED. */
  static async listen(parts: StatusServerParts): Promise<StatusServer> {
    const { address = '127.0.0.1', port } = parts;
    const own = new StatusServer(parts);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    own.#server.once('error', reject);
    own.#server.listen(port, address, resolve);
    try {
      await promise;
    } catch (cause) {
      const details = { address, port, errno: errnoCode(cause) ?? String(cause) };
      throw new DongboError('STATUS_LISTEN_FAILED', details, { cause });
    }
    return own;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, body } = await this.#reply(request);
    request.resume();
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(status === 405 ? { allow: 'GET' } : {}),
    });
    response.end(body);
  }

  async #reply({ method, url, headers }: IncomingMessage): Promise<Reply> {
    if (!isOwnHost(headers.host, this.port)) {
      this.#parts.emit({ type: 'refused', code: 'STATUS_HOST_REFUSED', details: {} });
      return json(403, { code: 'STATUS_HOST_REFUSED' });
    }
    if (method !== 'GET') return json(405, { code: 'METHOD_NOT_ALLOWED' });
    try {
      return await this.#page(url?.split('?', 1)[0] ?? '');
    } catch (error) {
      const code = error instanceof DongboError ? error.code : 'STATUS_UNAVAILABLE';
      this.#parts.emit({ type: 'error', code, details: {} });
      return json(503, { code: 'STATUS_UNAVAILABLE' });
    }
  }

  async #page(path: string): Promise<Reply> {
    const { recorder } = this.#parts;
    switch (path) {
      case '/healthz':
        return text(200, 'ok\n');
      case '/readyz': {
        const { ready, unready } = await recorder.snapshot();
        return json(ready ? 200 : 503, { ready, unready });
      }
      case '/status':
        return json(200, await recorder.snapshot());
      case '/metrics':
        return { status: 200, type: recorder.metricsType, body: await recorder.metrics() };
      default:
        return json(404, { code: 'NOT_FOUND', pages: ['/healthz', '/readyz', '/status', '/metrics'] });
    }
  }
}
