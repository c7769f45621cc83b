/** Asks the running agent for its status. */
import got, { HTTPError, RequestError } from 'got';
import { DongboError } from '#agent/core/errors.ts';
import { type Snapshot, snapshotSchema } from '#agent/status/snapshot.ts';
import type { Config } from './config-schema.ts';

const timeoutMs = 10_000;

/** Throws STATUS_NOT_RUNNING, STATUS_FOREIGN, STATUS_UNAVAILABLE. */
export async function fetchSnapshot(
  { address, port }: Config['status'],
  signal: AbortSignal,
): Promise<Snapshot> {
  const host = address.includes(':') ? `[${address}]` : '127.0.0.1';
  const url = `http://${host}:${port}/status`;
  const options = { timeout: { request: timeoutMs }, retry: { limit: 0 }, followRedirect: false, signal };
  try {
    const { body } = await got(url, options);
    const parsed = snapshotSchema.safeParse(JSON.parse(body));
    if (parsed.success) return parsed.data;
  } catch (cause) {
    if (signal.aborted) throw cause;
    if (cause instanceof HTTPError && cause.response.statusCode === 503)
      throw new DongboError('STATUS_UNAVAILABLE', {}, { cause });
    if (cause instanceof RequestError && !(cause instanceof HTTPError))
      throw new DongboError('STATUS_NOT_RUNNING', { url, errno: cause.code }, { cause });
  }
  throw new DongboError('STATUS_FOREIGN', { url });
}
