/** The audit log from outside, its signed head, and, when it is small, whether it verifies now. */
import { type AuditFile, listFiles } from '#agent/audit/files.ts';
import { readHead } from '#agent/audit/head-file.ts';
import { verifyLog } from '#agent/audit/verify.ts';
import { controlSocket } from '#agent/cli/status.ts';
import { auditDir } from '#agent/cycle/audit-parts.ts';
import { verifySignature } from '#agent/seal/verify.ts';
import { callControl } from '#agent/status/control-client.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import type { Dossier } from './dossier-schema.ts';
import type { Sources } from './sources.ts';

type Audit = Dossier['logs']['audit'];

/** Reading this much takes about a second. */
const verifiedBytes = 64 * 1024 * 1024;

export async function findLogs(sources: Sources): Promise<Dossier['logs']> {
  const { level, format } = sources.config.log;
  const { syslog } = sources.config.audit;
  const collector = syslog ? { syslog: `${syslog.host}:${syslog.port}, TLS (RFC 5425)` } : {};
  return { level, format, ...collector, audit: await auditOf(sources) };
}

async function auditOf(sources: Sources): Promise<Audit> {
  const { config, card } = sources;
  const dir = auditDir(config.state);
  const parts = { dir, disk: nodeDisk, node: card.node, verify: verifySignature };
  const { retentionMonths, maxBytes } = config.audit;
  try {
    const files = await listFiles(nodeDisk, dir);
    const usedBytes = files.reduce((sum, { size }) => sum + size, 0);
    const head = await readHead(nodeDisk, dir, parts);
    return {
      ...{ retentionMonths, maxBytes, usedBytes, files: files.length },
      ...firstMonth(files),
      head: typeof head === 'string' ? head : { seq: head.seq, time: head.time },
      verified: usedBytes > verifiedBytes ? 'too-large' : await verifiedNow(sources, () => verifyLog(parts)),
    };
  } catch {
    const unknown = { usedBytes: 0, files: 0, head: 'unreadable', verified: 'unreadable' } as const;
    return { retentionMonths, maxBytes, ...unknown };
  }
}

const firstMonth = ([first]: readonly AuditFile[]) => (first ? { firstMonth: first.month } : {});

/** Who reads the log is on record first (R23); without the running agent that would need its keys. */
async function verifiedNow(
  { config, io }: Sources,
  verify: () => ReturnType<typeof verifyLog>,
): Promise<Audit['verified']> {
  const command = { do: 'audit-read', by: io.user, command: 'dossier' } as const;
  try {
    await callControl(controlSocket(config), command, io.signal);
  } catch {
    return 'not-on-record';
  }
  const { first, last, fault } = await verify();
  return { first, last, ...(fault ? { fault: fault.code } : {}) };
}
