/** One space and its peers, as the snapshot shows them. */
import type { Halt } from '#agent/core/errors.ts';
import type { PeerFacts, SpaceFacts } from './facts.ts';
import { shownDetails } from './shown-details.ts';
import type { PeerSnapshot, SpaceSnapshot } from './snapshot.ts';
import { peerInStep, spaceState } from './space-state.ts';
import type { PeerTraffic } from './traffic.ts';

/** `quietMs`: how long nothing has moved in the space. */
export function snapshotOfSpace(
  facts: SpaceFacts,
  quietMs: number,
  traffic: (node: string) => PeerTraffic,
): SpaceSnapshot {
  const { space, name, folder, role, agreement, items, bytes, pending, pendingBytes, problems } = facts;
  return {
    space,
    name,
    ...(folder === undefined ? {} : { folder }),
    role,
    ...spaceState(facts, quietMs),
    agreement,
    ...(facts.halt ? { halt: shownHalt(facts.halt) } : {}),
    ...{ items, bytes, pending, pendingBytes, problems },
    problemCodes: { ...facts.problemCodes },
    ...optionalTime('lastScan', facts.lastScan),
    ...optionalTime('lastChange', facts.lastChange),
    quietSeconds: Math.round(Math.max(0, quietMs)) / 1000,
    peers: facts.peers.map((peer) => snapshotOfPeer(peer, traffic(peer.node))),
  };
}

const shownHalt = ({ code, needsRelease, details }: Halt) => ({
  code,
  needsRelease,
  details: shownDetails(details),
});

function snapshotOfPeer(peer: PeerFacts, traffic: PeerTraffic): PeerSnapshot {
  const { node, agency, url, connected, ownSeq, sentSeq, receiptSeq, theirSeq } = peer;
  return {
    node,
    agency,
    ...(url === undefined ? {} : { url }),
    connected,
    inStep: peerInStep(peer),
    ...optionalTime('lastSeen', peer.lastSeen),
    ...{ ownSeq, sentSeq, receiptSeq, theirSeq },
    heldSeq: peer.heldSeq ?? theirSeq,
    reads: peer.reads ?? true,
    bytesIn: traffic.in,
    bytesOut: traffic.out,
    ...(traffic.lastFault === undefined ? {} : { lastFault: traffic.lastFault }),
  };
}

export function optionalTime<K extends string>(key: K, ms: number | undefined): { [P in K]?: string } {
  const entry: { [P in K]?: string } = {};
  if (ms !== undefined) entry[key] = new Date(ms).toISOString();
  return entry;
}
