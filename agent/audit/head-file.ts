/** `head.json`: the signed head, in exactly one form, so that no byte of it can change unseen. */
import { join } from 'node:path';
import { type AuditHead, auditHeadSigned } from '#agent/core/audit-head.ts';
import { type NodeId, parseDigest, parseNodeId } from '#agent/core/ids.ts';
import type { SigningDomain } from '#agent/core/signing.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { errnoCode } from '#agent/sys/errno.ts';

export const headName = 'head.json';
const maxBytes = 4096;

/** `verifySignature` of `seal/verify.ts`. */
export type Verify = (
  node: NodeId,
  domain: SigningDomain,
  bytes: Uint8Array,
  signature: Uint8Array,
) => boolean;

export const headText = ({ node, seq, hash, time, signature }: AuditHead): string =>
  `${JSON.stringify({ v: 1, node, seq, hash, time, signature: signature.toHex() })}\n`;

/** `absent`, or `invalid` when it is not whole or not signed by `node`. */
export async function readHead(
  disk: Disk,
  dir: string,
  rules: { readonly node: NodeId; readonly verify: Verify },
): Promise<AuditHead | 'absent' | 'invalid'> {
  const text = await readSmall(disk, join(dir, headName));
  if (text === undefined) return 'absent';
  const head = parseHead(text);
  if (!head || headText(head) !== text || head.node !== rules.node) return 'invalid';
  return rules.verify(head.node, 'audit', auditHeadSigned(head), head.signature) ? head : 'invalid';
}

async function readSmall(disk: Disk, path: string): Promise<string | undefined> {
  try {
    await using file = await disk.openRead(path);
    const bytes = Buffer.alloc(maxBytes);
    return bytes.subarray(0, await file.read(bytes, 0)).toString('utf8');
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parseHead(text: string): AuditHead | undefined {
  try {
    const { node, seq, hash, time, signature } = JSON.parse(text) as Record<string, unknown>;
    if (typeof seq !== 'number' || typeof time !== 'string' || typeof signature !== 'string')
      return undefined;
    return {
      node: parseNodeId(node),
      seq,
      hash: parseDigest(hash),
      time,
      signature: Uint8Array.fromHex(signature),
    };
  } catch {
    return undefined;
  }
}
