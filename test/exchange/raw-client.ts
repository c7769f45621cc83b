/** A caller that does as it pleases: raw bytes over mutual TLS, or over nothing. */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { TestNode } from './https-fixture.ts';

/** A TLS connection that stands, as `self` unless told otherwise. */
export async function openTls(
  port: number,
  server: TestNode,
  self: TestNode | undefined,
  options: ConnectionOptions & { readonly localAddress?: string } = {},
): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: server.tls.cert,
    checkServerIdentity: () => undefined,
    ...(self ? { key: self.tls.key, cert: self.tls.cert } : {}),
    ...options,
  });
  await once(socket, 'secureConnect');
  return socket;
}

/** Everything that comes until the other end closes; errors of the connection count as its end. */
export async function readToEnd(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
  });
  socket.on('error', () => {});
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

export function plainRequest(port: number, text: string): Promise<string> {
  const socket = connectTcp({ host: '127.0.0.1', port });
  socket.write(text);
  return readToEnd(socket);
}

/** One request as text and body; the status of the answer, 0 when there was none. */
export async function statusOf(
  open: () => Promise<Socket>,
  request: string,
  body: Uint8Array = new Uint8Array(0),
): Promise<number> {
  const socket = await open();
  socket.on('error', () => {});
  socket.write(request);
  socket.write(body);
  const text = await readToEnd(socket);
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
}
