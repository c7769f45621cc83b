/** What this node has withdrawn from members, by its own record that is withheld from them, until they confirm it. */
import { decode, encode } from '#agent/core/codec.ts';
import {
  bytesOf,
  hexText,
  type NodeId,
  type Origin,
  parseIncarnation,
  parseNodeId,
} from '#agent/core/ids.ts';
import { numberFrom } from './keys.ts';
import { Tuple } from './tuple.ts';

export interface Withdrawal {
  readonly origin: Origin;
  /** Of the record under the higher label: a receipt that reaches it says that nothing of what was sent is left. */
  readonly seq: number;
  /** Milliseconds since the Unix epoch. */
  readonly begun: number;
  /** Who has not confirmed. Never empty. */
  readonly open: readonly NodeId[];
}

const nodeBytes = 32;
const incarnationBytes = 8;

export const encodeWithdrawal = ({ begun, open }: Withdrawal): Uint8Array =>
  encode([begun, open.map((node) => bytesOf(node))]);

/** `key` ends in the feed and the sequence number. */
export function decodeWithdrawal(key: Uint8Array, value: Uint8Array): Withdrawal {
  const t = new Tuple('withdrawal', decode(value), 2);
  const begun = t.int();
  const nodes = new Tuple('members', t.next());
  const open: NodeId[] = [];
  while (nodes.more()) open.push(parseNodeId(nodes.hex()));
  const feed = key.subarray(-6 - nodeBytes - incarnationBytes, -6);
  const node = parseNodeId(hexText(feed.subarray(0, nodeBytes)));
  const incarnation = parseIncarnation(hexText(feed.subarray(nodeBytes)));
  return { origin: { node, incarnation }, seq: numberFrom(key, -6), begun, open };
}
