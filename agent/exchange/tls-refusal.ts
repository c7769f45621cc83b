/** Why a connection did not come about: a code that an officer can act on, at most so often. */
import type { TLSSocket } from 'node:tls';
import type { Emit } from '#agent/core/event.ts';
import type { Clock } from '#agent/sys/clock.ts';

const byCode: Readonly<Record<string, string>> = {
  ERR_SSL_HTTP_REQUEST: 'TLS_PLAIN_HTTP',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'TLS_VERSION',
  ERR_SSL_VERSION_TOO_LOW: 'TLS_VERSION',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'TLS_NO_CERTIFICATE',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'TLS_TIMEOUT',
};

/** Undefined for a caller that merely went away. */
export function handshakeRefusal(error: NodeJS.ErrnoException, socket: TLSSocket): string | undefined {
  if (socket.authorizationError) return 'TLS_UNKNOWN_CERTIFICATE';
  const known = byCode[error.code ?? ''];
  if (known) return known;
  return error.code?.startsWith('ERR_SSL_') ? 'TLS_HANDSHAKE' : undefined;
}

const quietMs = 60_000;
const maxRemembered = 1024;

/** Tells of each kind of refusal once a minute for each address: a port scan must not fill the log. */
export class RefusalLog {
  readonly #emit: Emit;
  readonly #clock: Clock;
  readonly #told = new Map<string, number>();

  constructor(emit: Emit, clock: Clock) {
    this.#emit = emit;
    this.#clock = clock;
  }

  tell(code: string, address: string, cause: string): void {
    const key = `${code} ${address}`;
    const now = this.#clock.monotonic();
    const last = this.#told.get(key);
    if (last !== undefined && now - last < quietMs) return;
    this.#told.delete(key);
    this.#told.set(key, now);
    const oldest = this.#told.keys().next();
    if (this.#told.size > maxRemembered && !oldest.done) this.#told.delete(oldest.value);
    this.#emit({ type: 'refused', code, details: { address, cause } });
  }
}
