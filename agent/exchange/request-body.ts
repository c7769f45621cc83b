/** The body of a request, as it arrives. Stopping early leaves the connection whole, so that an answer can be sent. */
import type { IncomingMessage } from 'node:http';
import { DongboError } from '#agent/core/errors.ts';

/** Throws BODY_TOO_LARGE at once when the length is told and too great. */
export function bodyOf(req: IncomingMessage, limit: number): AsyncIterable<Uint8Array> {
  const told = req.headers['content-length'];
  if (told !== undefined && Number(told) > limit) throw new DongboError('BODY_TOO_LARGE', { limit });
  return { [Symbol.asyncIterator]: () => req.iterator({ destroyOnReturn: false }) };
}
