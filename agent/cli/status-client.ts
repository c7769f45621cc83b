/** Asks the running agent for its status. */
import { readFile } from 'node:fs/promises';
import got, { HTTPError, RequestError } from 'got';
import { DongboError } from '#agent/core/errors.ts';
import { type Listening, listeningFile, listeningSchema } from '#agent/status/listening.ts';
import { type Snapshot, snapshotSchema } from '#agent/status/snapshot.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import type { Config } from './config-schema.ts';

const timeoutMs = 10_000;

type Asked = Pick<Config, 'state' | 'status'>;

/** Throws STATUS_NOT_RUNNING, STATUS_FOREIGN, STATUS_UNAVAILABLE, STATUS_PORT_UNKNOWN. */
export async function fetchSnapshot({ state, status }: Asked, signal: AbortSignal): Promise<Snapshot> {
  if (status.port !== 0) return snapshotAt(urlOf(status), signal);
  const told = await readListening(state);
  if (!told) throw new DongboError('STATUS_NOT_RUNNING', { url: urlOf(status), errno: 'ENOENT' });
  return snapshotOf(told, signal);
}

/** Undefined when no agent has told. Throws STATUS_PORT_UNKNOWN. */
export async function readListening(state: string): Promise<Listening | undefined> {
  const file = listeningFile(state);
  try {
    return listeningSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    if (errnoCode(cause) === 'ENOENT') return undefined;
    throw new DongboError('STATUS_PORT_UNKNOWN', { file, errno: errnoCode(cause) ?? 'EINVAL' }, { cause });
  }
}

/** Of the agent that told this. Another may have taken the port since. */
async function snapshotOf(told: Listening, signal: AbortSignal): Promise<Snapshot> {
  const url = urlOf(told.status);
  const snapshot = await snapshotAt(url, signal);
  if (snapshot.node === told.node && snapshot.started === told.started) return snapshot;
  throw new DongboError('STATUS_NOT_RUNNING', { url, errno: 'ESRCH' });
}

const urlOf = ({ address, port }: Listening['status']): string =>
  `http://${address.includes(':') ? `[${address}]` : '127.0.0.1'}:${port}/status`;

async function snapshotAt(url: string, signal: AbortSignal): Promise<Snapshot> {
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
