/** The head of a node's audit log: what it claims to have written, signed. Made so that peers can remember it later. */
import { encode } from './codec.ts';
import { bytesOf, type Digest, type NodeId } from './ids.ts';

export interface AuditHead {
  readonly node: NodeId;
  /** Sequence number, hash and time of the last record. */
  readonly seq: number;
  readonly hash: Digest;
  /** UTC with microseconds, as the record has it. */
  readonly time: string;
  /** Ed25519 over `signingBytes('audit', auditHeadSigned(h))`. */
  readonly signature: Uint8Array;
}

/** The canonical bytes that the node signs. */
export const auditHeadSigned = ({ node, seq, hash, time }: Omit<AuditHead, 'signature'>): Uint8Array =>
  encode({ v: 1, node: bytesOf(node), seq, hash: bytesOf(hash), time });
