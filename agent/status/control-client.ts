/** Sends one command to the running agent. */
import { type IncomingMessage, request } from 'node:http';
import { DongboError } from '#agent/core/errors.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import {
  type ControlCommand,
  type ControlReply,
  controlReply,
  controlRoute,
  maxReplyBytes,
} from './control-protocol.ts';

export type ControlAnswer = Extract<ControlReply, { ok: true }>;

/** `path` is the socket. Throws CONTROL_UNREACHABLE, CONTROL_MALFORMED, or the code that the agent answered. */
export async function callControl(
  path: string,
  command: ControlCommand,
  signal: AbortSignal,
): Promise<ControlAnswer> {
  let body: string;
  try {
    body = await post(path, JSON.stringify(command), signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new DongboError(
      'CONTROL_UNREACHABLE',
      { path, errno: errnoCode(cause) ?? String(cause) },
      { cause },
    );
  }
  const reply = parseReply(body);
  if (!reply.ok) throw new DongboError(reply.code, reply.details);
  return reply;
}

function parseReply(body: string): ControlReply {
  try {
    return controlReply.parse(JSON.parse(body));
  } catch (cause) {
    throw new DongboError('CONTROL_MALFORMED', {}, { cause });
  }
}

async function post(socketPath: string, body: string, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sent = request(
    { socketPath, path: controlRoute, method: 'POST', headers, signal, agent: false },
    resolve,
  );
  sent.once('error', reject);
  sent.end(body);
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of (await promise) as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > maxReplyBytes) throw new Error('reply too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
