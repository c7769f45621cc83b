/** The head of a node's audit log: what it claims to have written, signed. Peers remember it for each other. */
import { maxSeq } from './bounds.ts';
import { decode, encode } from './codec.ts';
import { Fields } from './fields.ts';
import { bytesOf, type Digest, type NodeId, parseDigest, parseNodeId } from './ids.ts';

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

export const encodeAuditHead = ({ node, seq, hash, time, signature }: AuditHead): Uint8Array =>
  encode({ v: 1, node: bytesOf(node), seq, hash: bytesOf(hash), time, signature });

const maxHeadBytes = 512;
const timeForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;

/** Throws CODEC_MALFORMED. Does not check the signature. */
export function decodeAuditHead(bytes: Uint8Array): AuditHead {
  const fields = new Fields('audit head', decode(bytes, maxHeadBytes));
  fields.int('v', 1, 1);
  const head = {
    node: fields.id('node', 32, parseNodeId),
    seq: fields.int('seq', 1, maxSeq),
    hash: fields.id('hash', 32, parseDigest),
    time: fields.text('time', 32),
    signature: fields.bytes('signature', 64),
  };
  fields.end();
  return timeForm.test(head.time) ? head : fields.fail('time', 'UTC with microseconds');
}

/** One head has one name: two heads of a node with one sequence number and two names are a fork. */
export const auditHeadKey = ({ seq, hash }: Pick<AuditHead, 'seq' | 'hash'>): string => `${seq} ${hash}`;
