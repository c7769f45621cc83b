/** The server's patience, ms. */
import { headersMs, heartbeatMs, idleMs, keepAliveMs, requestMs } from './limits.ts';

export interface ServerTimes {
  /** TLS handshake, and the headers of a request. */
  readonly headersMs: number;
  /** A whole request. */
  readonly requestMs: number;
  /** A connection on which nothing moves either way. */
  readonly idleMs: number;
  /** A connection between requests. */
  readonly keepAliveMs: number;
  readonly heartbeatMs: number;
}

export const serverTimes: ServerTimes = { headersMs, requestMs, idleMs, keepAliveMs, heartbeatMs };
