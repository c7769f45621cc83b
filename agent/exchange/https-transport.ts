/** Requests to one peer with got: retry with jitter for what may be asked twice, abort, timeouts of silence only. */
import { once } from 'node:events';
import got, { type ExtendOptions, type Got, HTTPError, type RetryObject } from 'got';
import { DongboError } from '#agent/core/errors.ts';
import type { Random } from '#agent/sys/random.ts';
import { errorOfRequest } from './client-error.ts';
import { readWhole } from './frames.ts';
import { idleMs, maxErrorBytes } from './limits.ts';
import { type Pinned, PinnedAgent } from './pinned-agent.ts';
import { formOf, type Route } from './routes.ts';
import { watched } from './watched.ts';
import { errorOfReply } from './wire-error.ts';

export interface TransportOptions extends Pinned {
  readonly url: string;
  readonly random: Random;
}

export interface Ask {
  readonly route: Route;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const retryLimit = 2;
const retryMs = 250;
const maxRetryAfterMs = 10_000;
const retryCodes = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNREFUSED'];

export class HttpsTransport {
  readonly #options: TransportOptions;
  readonly #agent: PinnedAgent;
  readonly #got: Got;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#agent = new PinnedAgent(options);
    this.#got = got.extend(fixedOptions(this.#agent));
  }

  /** A small request that may be sent twice, and a small reply, held whole. */
  async small(ask: Ask, body: Uint8Array | undefined, limit: number): Promise<Uint8Array> {
    const tooLong = new AbortController();
    const signal = AbortSignal.any([ask.signal, tooLong.signal]);
    const retry = { limit: retryLimit, methods: ['GET', 'POST'] as const, statusCodes: [503] };
    const calculateDelay = (attempt: RetryObject) => this.#delay(attempt);
    return this.#run(ask, async () => {
      const reply = this.#got(this.#url(ask), {
        ...this.#common(ask, signal),
        ...(body ? { body } : {}),
        responseType: 'buffer',
        retry: { ...retry, methods: [...retry.methods], errorCodes: retryCodes, calculateDelay },
      });
      reply.on('downloadProgress', ({ transferred }) => {
        if (transferred > limit) tooLong.abort(new DongboError('BODY_TOO_LARGE', { limit }));
      });
      return (await reply).body;
    }).catch((error) => {
      throw tooLong.signal.aborted && !ask.signal.aborted ? tooLong.signal.reason : error;
    });
  }

  /** A reply as it arrives. The request goes out at the first `next()`; leaving the loop closes it. */
  async *stream(
    ask: Ask,
    body: Uint8Array | undefined,
    silence: number = idleMs,
  ): AsyncGenerator<Uint8Array> {
    ask.signal.throwIfAborted();
    const stream = this.#got.stream(this.#url(ask), {
      ...this.#common(ask, ask.signal),
      ...(body ? { body } : {}),
      throwHttpErrors: false,
      timeout: { socket: silence },
    });
    try {
      const [response] = await once(stream, 'response');
      if (response.statusCode !== 200) {
        const text = Buffer.from(await readWhole(stream, maxErrorBytes)).toString();
        throw errorOfReply(response.statusCode, text, { peer: this.#options.node });
      }
      yield* stream;
    } catch (error) {
      throw this.#seen(error, ask.signal);
    } finally {
      stream.destroy();
      this.#agent.report();
    }
  }

  /** A body as it is made, sent once. An error of the source ends the request and comes out as it is. */
  async upload(ask: Ask, source: AsyncIterable<Uint8Array>): Promise<void> {
    const own: { error?: unknown } = {};
    await this.#run(ask, () =>
      this.#got(this.#url(ask), {
        ...this.#common(ask, ask.signal),
        body: watched(source, own),
        responseType: 'buffer',
        retry: { limit: 0 },
      }),
    ).catch((error) => {
      throw 'error' in own && !ask.signal.aborted ? own.error : error;
    });
  }

  /** Tells what has crossed the network since it was last told. */
  report(): void {
    this.#agent.report();
  }

  close(): void {
    this.#agent.destroy();
  }

  async #run<T>(ask: Ask, request: () => Promise<T>): Promise<T> {
    ask.signal.throwIfAborted();
    try {
      return await request();
    } catch (error) {
      throw this.#seen(error, ask.signal);
    } finally {
      this.#agent.report();
    }
  }

  #seen(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (!(error instanceof HTTPError)) return errorOfRequest(error, this.#options.node);
    const { statusCode, body } = error.response;
    const text = body instanceof Uint8Array ? Buffer.from(body.subarray(0, maxErrorBytes)).toString() : '';
    return errorOfReply(statusCode, text, { peer: this.#options.node });
  }

  #url({ route }: Ask): URL {
    return new URL(formOf(route).path, this.#options.url);
  }

  #common({ route, headers = {} }: Ask, signal: AbortSignal) {
    return { method: formOf(route).method, headers: { ...headers }, signal };
  }

  #delay({ attemptCount, retryAfter, computedValue }: RetryObject): number {
    if (computedValue === 0) return 0;
    const least = Math.min(retryAfter ?? 0, maxRetryAfterMs);
    return least + 1 + retryMs * 2 ** attemptCount * this.#options.random.fraction();
  }
}

const fixedOptions = (agent: PinnedAgent): ExtendOptions => ({
  agent: { https: agent },
  headers: { 'user-agent': 'dongbo/1' },
  followRedirect: false,
  decompress: false,
  timeout: { socket: idleMs },
  retry: { limit: 0 },
});
