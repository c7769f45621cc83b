/** Whether each configured peer is a member of an agreement accepted here. */
import type { Agreement } from '#agent/core/agreement.ts';
import type { NodeId } from '#agent/core/ids.ts';
import type { ConfigIssue, LoadedConfig } from './config.ts';

/** CHECK_PEER_STRANGER, CHECK_PEER_AMBIGUOUS. */
export function checkPeers(
  { config, locate }: LoadedConfig,
  agreements: readonly Agreement[],
): ConfigIssue[] {
  return config.peers.flatMap(({ node: peer }, i) => {
    const count = nodesOf(peer, agreements).size;
    if (count === 1) return [];
    const code = count === 0 ? 'CHECK_PEER_STRANGER' : 'CHECK_PEER_AMBIGUOUS';
    return [{ code, details: { ...locate(['peers', i, 'node']), peer, count } }];
  });
}

/** The nodes that a configured peer can mean: one id, or all nodes of an agency. */
export function nodesOf(peer: string, agreements: readonly Agreement[]): ReadonlySet<NodeId> {
  const cards = agreements.flatMap(({ members }) => members.map(({ card }) => card));
  return new Set(
    cards.filter(({ node, agency }) => node === peer || agency === peer).map(({ node }) => node),
  );
}
