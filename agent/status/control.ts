/** The control socket: `dongbo release`, `scan`, `keys` and `status --problems` reach the running agent through it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { DongboError, type Problem } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { carryOutLabels, type LabelCommands } from './control-labels.ts';
import type { KeyCommands, KeysExposed, KeysList, KeysRotate } from './control-keys.ts';
import {
  type ControlCommand,
  type CorrectionShown,
  type ControlReply,
  controlCommand,
  controlRoute,
  maxCommandBytes,
} from './control-protocol.ts';

export type CorrectionDecision = Omit<Extract<ControlCommand, { do: 'decide' }>, 'do' | 'space'>;

/** What the agent can be told. Each throws DongboError, SPACE_UNKNOWN among others. */
export interface ControlCommands {
  /** Lifts a halt on a person's word. Resolves with its code; undefined when there was none to lift. */
  release(space: SpaceId, by: string, reason: string): Promise<string | undefined>;
  rescan(space: SpaceId): Promise<void>;
  /** Reads the agreements again, at once. */
  refresh?(): Promise<void>;
  /** Puts on record who reads the audit log. Throws AUDIT_…. */
  auditRead?(by: string, command: string): Promise<void>;
  /** Proposed corrections (R36). Throws CORRECTION_…. */
  corrections?(
    space: SpaceId,
    limit: number,
  ): Promise<{ corrections: readonly CorrectionShown[]; more: boolean }>;
  decide?(space: SpaceId, decision: CorrectionDecision): Promise<void>;
  problems?(space: SpaceId): AsyncIterable<Problem>;
  /** What people decide about labels, and what has a say in them. */
  labels?(space: SpaceId): LabelCommands;
  readonly keys?: KeyCommands;
}

type KeyCommand = KeysList | KeysRotate | KeysExposed;

export interface ControlServerParts {
  readonly path: string;
  readonly commands: ControlCommands;
  readonly emit?: Emit;
  readonly disk?: Disk;
}

/** sockaddr_un (unix(7)): 108 bytes with the closing zero. */
const maxSocketPath = 107;

export class ControlServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #parts: ControlServerParts;

  private constructor(parts: ControlServerParts) {
    this.#parts = parts;
    const limits = { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 4096 };
    this.#server = createServer(limits, (request, response) => void this.#answer(request, response));
    this.#server.maxConnections = 16;
  }

  /**
   * The caller holds the lock on the state directory, so a socket that is there is a dead one and is replaced. The
   * state directory is closed to others; the socket is 0600 as well. Throws CONTROL_PATH_TOO_LONG, CONTROL_LISTEN_FAILED.
   */
  static async listen(parts: ControlServerParts): Promise<ControlServer> {
    const { path, disk = nodeDisk } = parts;
    if (Buffer.byteLength(path) > maxSocketPath)
      throw new DongboError('CONTROL_PATH_TOO_LONG', { path, limit: maxSocketPath });
    const own = new ControlServer(parts);
    try {
      await removeDeadSocket(path, disk);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      own.#server.once('error', reject);
      own.#server.listen(path, resolve);
      await promise;
      await disk.chmod(path, 0o600);
    } catch (cause) {
      own.#server.close();
      throw new DongboError(
        'CONTROL_LISTEN_FAILED',
        { path, errno: errnoCode(cause) ?? String(cause) },
        { cause },
      );
    }
    return own;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await this.#reply(request);
    const body = Buffer.from(JSON.stringify(reply));
    response.writeHead(reply.ok ? 200 : 400, {
      'content-type': 'application/json',
      'content-length': body.length,
    });
    response.end(body);
  }

  async #reply(request: IncomingMessage): Promise<ControlReply> {
    try {
      return await this.#carryOut(await readCommand(request));
    } catch (error) {
      if (error instanceof DongboError) return { ok: false, code: error.code, details: error.details };
      this.#parts.emit?.({
        type: 'error',
        code: 'CONTROL_FAILED',
        details: { errno: errnoCode(error) ?? 'none' },
      });
      return { ok: false, code: 'CONTROL_FAILED', details: {} };
    }
  }

  async #carryOut(command: ControlCommand): Promise<ControlReply> {
    const { commands } = this.#parts;
    switch (command.do) {
      case 'release': {
        const { space } = command;
        const released = await commands.release(space, command.by, command.reason);
        if (released === undefined) throw new DongboError('RELEASE_NOTHING', { space });
        return { ok: true, released };
      }
      case 'rescan':
        await commands.rescan(command.space);
        return { ok: true };
      case 'refresh':
        await commands.refresh?.();
        return { ok: true };
      case 'audit-read':
        await commands.auditRead?.(command.by, command.command);
        return { ok: true };
      case 'label-set':
      case 'label-show':
      case 'label-list':
        return carryOutLabels(commands.labels?.(command.space), command);
      case 'corrections': {
        const shown = await commands.corrections?.(command.space, command.limit);
        return { ok: true, corrections: [...(shown?.corrections ?? [])], more: shown?.more ?? false };
      }
      case 'decide':
        await commands.decide?.(command.space, command);
        return { ok: true };
      case 'problems':
        return { ok: true, ...(await firstOf(commands.problems?.(command.space), command.limit)) };
      default:
        return this.#keys(command);
    }
  }

  /** A relay has no keys. */
  #keys(command: KeyCommand): Promise<ControlReply> {
    const { keys } = this.#parts.commands;
    if (!keys) throw new DongboError('SPACE_UNKNOWN', { space: command.space });
    if (command.do === 'keys-list') return keys.list(command);
    return command.do === 'keys-rotate' ? keys.rotate(command) : keys.exposed(command);
  }
}

async function removeDeadSocket(path: string, disk: Disk): Promise<void> {
  try {
    if ((await disk.lstat(path)).kind === 'socket') await disk.unlink(path);
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT') throw error;
  }
}

/** Throws CONTROL_MALFORMED. */
async function readCommand(request: IncomingMessage): Promise<ControlCommand> {
  const bytes: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > maxCommandBytes) throw new DongboError('CONTROL_MALFORMED');
    bytes.push(part);
  }
  if (request.method !== 'POST' || request.url !== controlRoute) throw new DongboError('CONTROL_MALFORMED');
  try {
    return controlCommand.parse(JSON.parse(Buffer.concat(bytes).toString('utf8')));
  } catch (cause) {
    throw new DongboError('CONTROL_MALFORMED', {}, { cause });
  }
}

async function firstOf(
  all: AsyncIterable<Problem> | undefined,
  limit: number,
): Promise<{
  problems: { code: string; path: string; details: Record<string, string | number | boolean> }[];
  more: boolean;
}> {
  const problems = [];
  for await (const { code, path, details } of all ?? []) {
    if (problems.length === limit) return { problems, more: true };
    problems.push({ code, path, details: { ...details } });
  }
  return { problems, more: false };
}
