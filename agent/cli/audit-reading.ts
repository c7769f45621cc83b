/** Who reads the log goes into the log first (R23): through the running agent, or directly while none runs. */
import { lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditLog } from '#agent/audit/audit-log.ts';
import { DongboError, isCode } from '#agent/core/errors.ts';
import { auditDir, auditParts } from '#agent/cycle/audit-parts.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { callControl } from '#agent/status/control-client.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { lockState } from '#agent/sys/lock.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import type { Config } from './config-schema.ts';
import { issueLines } from './error-text.ts';
import type { ProgramIo } from './program-io.ts';
import { controlSocket } from './status.ts';

/** An auditor reads a full or damaged log too: what cannot be put on record is told. `identity`: when its keys are here. */
export async function recordReading(
  config: Config,
  identity: Identity | undefined,
  command: string,
  io: ProgramIo,
): Promise<void> {
  try {
    await tellAgent(config, command, io).catch(async (error: unknown) => {
      if (!isCode(error, 'CONTROL_UNREACHABLE') || !identity) throw error;
      await appendDirectly(config, identity, command, io);
    });
  } catch (error) {
    const code = error instanceof DongboError ? error.code : errnoCode(error);
    if (code === undefined) throw error;
    const unrecorded = { code: 'AUDIT_READING_UNRECORDED', details: { code } };
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
  try {
    await log.append('log.read', { by: io.user, command });
  } finally {
    await giveBack(state);
  }
}

/** What root has written must stay the agent's own, or it could not go on with its log. */
async function giveBack(state: string): Promise<void> {
  const { uid, gid } = await lstat(state);
  const dir = auditDir(state);
  const names = await readdir(dir).catch(() => []);
  for (const path of [join(state, 'lock'), dir, ...names.map((name) => join(dir, name))])
    if ((await lstat(path)).uid !== uid) await lchown(path, uid, gid);
}
