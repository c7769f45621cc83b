/** What the exchange has to know of the agreements in force. `seal/agreement-trust.ts` is one. */
import type { Digest, NodeId, SpaceId } from '#agent/core/ids.ts';

export interface TrustBook {
  /** The TLS certificate of every node that may connect; a node may have several. */
  certificates(): readonly { readonly node: NodeId; readonly pem: string }[];
  /** The agreement of a space, undefined while none is in force. Asked at every request. */
  inForce(space: SpaceId): { readonly digest: Digest; readonly members: ReadonlySet<NodeId> } | undefined;
}
