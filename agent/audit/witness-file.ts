/**
 * `<state>/audit-witnesses.json`: heads of this node's own audit log as peers remember them, each signed by this node.
 * Beside the log and not in it, so that whoever moves the log away does not take them along.
 */
import { join } from 'node:path';
import { type AuditHead, auditHeadSigned, decodeAuditHead, encodeAuditHead } from '#agent/core/audit-head.ts';
import { type NodeId, parseNodeId } from '#agent/core/ids.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { writeFileDurable } from '#agent/sys/durable.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import type { Random } from '#agent/sys/random.ts';
import type { Verify } from './head-file.ts';

/** `peer` remembers `head`. */
export interface Witness {
  readonly peer: NodeId;
  /** e-ID of the peer's agency; `unknown` for a node of no agreement in force. */
  readonly agency: string;
  readonly head: AuditHead;
}

/** The highest are kept: they say the most about where the log must reach. */
export const maxWitnesses = 64;
const maxBytes = 64 * 1024;

export const witnessPath = (state: string): string => join(state, 'audit-witnesses.json');

interface WitnessParts {
  readonly disk: Disk;
  readonly random: Random;
}

export async function writeWitnesses(
  state: string,
  witnesses: readonly Witness[],
  { disk, random }: WitnessParts,
): Promise<void> {
  const list = witnesses.slice(0, maxWitnesses).map(({ peer, agency, head }) => {
    return { peer, agency, head: encodeAuditHead(head).toHex() };
  });
  const text = `${JSON.stringify({ v: 1, witnesses: list })}\n`;
  await writeFileDurable(witnessPath(state), Buffer.from(text), { disk, random });
}

/** Those that `node` has signed; anything else in the file says nothing. Throws what the disk throws. */
export async function readWitnesses(
  state: string,
  { disk, node, verify }: { readonly disk: Disk; readonly node: NodeId; readonly verify: Verify },
): Promise<Witness[]> {
  const text = await readText(disk, witnessPath(state));
  return parsed(text).filter(
    ({ head }) => head.node === node && verify(node, 'audit', auditHeadSigned(head), head.signature),
  );
}

async function readText(disk: Disk, path: string): Promise<string> {
  try {
    await using file = await disk.openRead(path);
    const bytes = Buffer.alloc(maxBytes);
    let length = 0;
    for (let got = 1; got > 0 && length < maxBytes; length += got)
      got = await file.read(bytes.subarray(length), length);
    return bytes.toString('utf8', 0, length);
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return '';
    throw error;
  }
}

function parsed(text: string): Witness[] {
  try {
    const { witnesses } = JSON.parse(text) as { witnesses: Record<string, unknown>[] };
    return witnesses.slice(0, maxWitnesses).map(({ peer, agency, head }) => ({
      peer: parseNodeId(peer),
      agency: String(agency).slice(0, 100),
      head: decodeAuditHead(Uint8Array.fromHex(String(head))),
    }));
  } catch {
    return [];
  }
}
