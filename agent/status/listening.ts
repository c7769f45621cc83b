/**
 * `listening.json` in the state directory: where the running agent listens. It may have been told to take any free port
 * (`port: 0`); whoever asks it on this machine finds the port here. The file is there while the agent runs. One that a
 * killed agent left behind is known by `node` and `started`, which whatever answers at the port must have as well.
 */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { DongboError } from '#agent/core/errors.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { writeFileDurable } from '#agent/sys/durable.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import type { Random } from '#agent/sys/random.ts';

const place = z.strictObject({ address: z.string(), port: z.int().min(1).max(65_535) });

export const listeningSchema = z.strictObject({
  node: z.string(),
  /** As on the status pages. */
  started: z.iso.datetime(),
  status: place,
  exchange: place.exactOptional(),
});

export type Listening = z.output<typeof listeningSchema>;

export const listeningFile = (state: string): string => join(state, 'listening.json');

/** What the configuration says, which may have left the choice of a port to the system, and what came of it. */
export function placesOf(
  said: { readonly status: { readonly address: string }; readonly listen?: { readonly address: string } },
  ports: { readonly status: number; readonly exchange: number | undefined },
) {
  const { status, listen } = said;
  const { exchange: port } = ports;
  return {
    status: { address: status.address, port: ports.status },
    ...(listen && port !== undefined ? { exchange: { address: listen.address, port } } : {}),
  };
}

/** What a killed agent left behind. */
export async function forgetListening(state: string, disk: Disk): Promise<void> {
  try {
    await disk.unlink(listeningFile(state));
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return;
    throw new DongboError('STATE_UNREADABLE', { dir: state }, { cause: error });
  }
  await disk.syncDir(dirname(listeningFile(state)));
}

/** Gone again when disposed. Throws STATE_WRITE_FAILED. */
export async function tellListening(
  state: string,
  listening: Listening,
  { disk, random }: { readonly disk: Disk; readonly random: Random },
): Promise<AsyncDisposable> {
  const text = `${JSON.stringify(listening, undefined, 2)}\n`;
  try {
    await writeFileDurable(listeningFile(state), Buffer.from(text, 'utf8'), { disk, random });
  } catch (cause) {
    throw new DongboError('STATE_WRITE_FAILED', { reason: errnoCode(cause) ?? String(cause) }, { cause });
  }
  return { [Symbol.asyncDispose]: () => forgetListening(state, disk) };
}

/** As they stand in a URL. */
export function shownPlaces({ status, exchange }: Listening) {
  return { status: shown(status), ...(exchange ? { exchange: shown(exchange) } : {}) };
}

const shown = ({ address, port }: Listening['status']): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;
