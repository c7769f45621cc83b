/**
 * Brings frames to a collector over TLS (RFC 5425). Syslog knows no acknowledgement, so each delivery has a connection
 * of its own: a collector that closes its side after ours (§4.4) has read all of it.
 */
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { DongboError } from '#agent/core/errors.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { errnoCode } from '#agent/sys/errno.ts';

export interface CollectorKeys {
  /** PEM: who may vouch for the collector. Nobody else may. */
  readonly ca: Buffer;
  /** PEM: how this node shows itself, where the collector asks for it. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

export interface CollectorAddress {
  readonly host: string;
  readonly port: number;
}

const patienceMs = 20_000;

/** On return the collector has read them. Throws SYSLOG_UNREACHABLE; rejects with the signal's reason. */
export async function deliver(
  { host, port }: CollectorAddress,
  keys: CollectorKeys,
  frames: readonly Uint8Array[],
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  signal.throwIfAborted();
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  const late = clock.sleep(patienceMs, stop).then(
    () => Promise.reject(new Error('ETIMEDOUT')),
    () => Promise.reject(new Error('aborted')),
  );
  late.catch(() => undefined);
  let socket: TLSSocket | undefined;
  try {
    socket = connect({ host, port, ...keys, ...nameFor(host), minVersion: 'TLSv1.2' });
    await Promise.race([readByOther(socket, frames), late]);
  } catch (error) {
    signal.throwIfAborted();
    throw new DongboError('SYSLOG_UNREACHABLE', { host, port, cause: causeOf(error) }, { retry: 'later' });
  } finally {
    over.abort();
    socket?.destroy();
  }
}

/** RFC 6066 §3: no address is sent as a name. */
const nameFor = (host: string): { servername?: string } => (isIP(host) ? {} : { servername: host });

function readByOther(socket: TLSSocket, frames: readonly Uint8Array[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let written = false;
  let ended = false;
  socket.on('error', reject);
  socket.on('end', () => {
    ended = written;
  });
  socket.on('close', () => (ended ? resolve() : reject(new Error('ECONNRESET'))));
  // Whatever a collector says, it is not for us; unread it would hold back its end.
  socket.resume();
  socket.once('secureConnect', () => {
    socket.end(Buffer.concat(frames), () => {
      written = true;
    });
  });
  return promise;
}

/** The code alone: the texts of OpenSSL are long. */
const causeOf = (error: unknown): string =>
  errnoCode(error) ?? (error instanceof Error ? error.message.slice(0, 100) : 'unknown');
