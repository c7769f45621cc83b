/** Who reads the log goes into the log first (R23): through the running agent, or directly while none runs. */
import { AuditLog } from '#agent/audit/audit-log.ts';
import { DongboError, isCode } from '#agent/core/errors.ts';
import { auditParts } from '#agent/cycle/audit-parts.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { callControl } from '#agent/status/control-client.ts';
import { lockState } from '#agent/sys/lock.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import type { Config } from './config-schema.ts';
import { issueLines } from './error-text.ts';
import type { ProgramIo } from './program-io.ts';
import { controlSocket } from './status.ts';

/** An auditor reads a full or damaged log too: what cannot be put on record is told. */
export async function recordReading(
  config: Config,
  identity: Identity,
  command: string,
  io: ProgramIo,
): Promise<void> {
  try {
    await tellAgent(config, command, io).catch(async (error: unknown) => {
      if (!isCode(error, 'CONTROL_UNREACHABLE')) throw error;
      await appendDirectly(config, identity, command, io);
    });
  } catch (error) {
    if (!(error instanceof DongboError)) throw error;
    const unrecorded = { code: 'AUDIT_READING_UNRECORDED', details: { code: error.code } };
    for (const line of issueLines(unrecorded, io.lang)) io.err(line);
  }
}

const tellAgent = (config: Config, command: string, io: ProgramIo) =>
  callControl(controlSocket(config), { do: 'audit-read', by: io.user, command }, io.signal);

async function appendDirectly(config: Config, identity: Identity, command: string, io: ProgramIo) {
  const { state, audit } = config;
  const { clock, random } = io;
  await using _lock = await lockState(state);
  const place = { state, audit, clock, random, disk: nodeDisk };
  await using log = new AuditLog(auditParts(place, identity));
  await log.append('log.read', { by: io.user, command });
}
