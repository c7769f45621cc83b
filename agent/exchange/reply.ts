/** Writing replies: whole, streamed with backpressure, or a refusal. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '#agent/sys/clock.ts';
import { maxChunkStreamBytes } from './limits.ts';
import { type RefusalCode, refusalBody, statusOf } from './wire-error.ts';

export const cborType = 'application/cbor';
export const bytesType = 'application/octet-stream';

export function sendWhole(res: ServerResponse, type: string, body: Uint8Array): void {
  res.writeHead(200, { 'content-type': type, 'content-length': body.length });
  res.end(body);
}

export function sendDone(res: ServerResponse): void {
  res.writeHead(204);
  res.end();
}

export async function write(res: ServerResponse, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!res.write(bytes)) await once(res, 'drain', { signal });
}

/**
 * Sends what `source` yields. The status waits for the first bytes, so that an early failure is still a refusal; a
 * later one cuts the connection, which no reader takes for an end.
 */
export async function sendStream(
  res: ServerResponse,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  for await (const bytes of source) {
    if (!res.headersSent) res.writeHead(200, { 'content-type': bytesType });
    await write(res, bytes, signal);
  }
  if (!res.headersSent) res.writeHead(200, { 'content-type': bytesType });
  res.end();
}

export interface Refusal {
  readonly code: RefusalCode;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers with a refusal. A body that is still on its way is let run out for a while, so that the answer is read. */
export function refuse(req: IncomingMessage, res: ServerResponse, refusal: Refusal, clock: Clock): void {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  const body = refusalBody(refusal.code);
  res.writeHead(statusOf(refusal.code), {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...refusal.headers,
  });
  res.end(body);
  if (!req.complete) linger(req, clock);
}

const lingerMs = 5_000;

function linger(req: IncomingMessage, clock: Clock): void {
  const { socket } = req;
  const over = new AbortController();
  const cut = () => socket.destroy();
  clock.sleep(lingerMs, over.signal).then(cut, () => {});
  req.once('end', () => over.abort());
  req.once('close', () => over.abort());
  let left = maxChunkStreamBytes;
  req.on('data', (bytes: Uint8Array) => {
    left -= bytes.length;
    if (left < 0) cut();
  });
  req.resume();
}
