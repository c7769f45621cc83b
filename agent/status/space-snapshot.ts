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
  const { space, name, folder, role, agreement, items, bytes, pending, behind, withheld, problems } = facts;
  const { withheldRecords } = facts;
  const { details, ...state } = spaceState(facts, quietMs);
  return {
    space,
    name,
    ...(folder === undefined ? {} : { folder }),
    role,
    ...state,
    ...(details ? { details: facts.refusal ? { ...details } : shownDetails(details) } : {}),
    agreement,
    ...(facts.halt ? { halt: shownHalt(facts.halt) } : {}),
    ...{ items, bytes, pending, behind, withheld, withheldRecords, problems },
    ...(facts.withdrawals ? { withdrawals: shownWithdrawals(facts.withdrawals) } : {}),
    problemCodes: { ...facts.problemCodes },
    ...optionalTime('lastScan', facts.lastScan),
    ...optionalTime('lastChange', facts.lastChange),
    quietSeconds: Math.round(Math.max(0, quietMs)) / 1000,
    peers: facts.peers.map((peer) => snapshotOfPeer(peer, traffic(peer.node))),
  };
}

const shownWithdrawals = ({ open, confirmed, oldest }: NonNullable<SpaceFacts['withdrawals']>) => ({
  open,
  confirmed,
  ...optionalTime('oldest', oldest),
});

const shownHalt = ({ code, needsRelease, details }: Halt) => ({
  code,
  needsRelease,
  details: shownDetails(details),
});

function snapshotOfPeer(peer: PeerFacts, traffic: PeerTraffic): PeerSnapshot {
  const { node, agency, url, connected, compared, takes, reads } = peer;
  const { ownSeq, sentSeq, receiptSeq, theirSeq, heldSeq } = peer;
  const inStep = peerInStep(peer);
  const { lastFault } = traffic;
  return {
    node,
    agency,
    ...(url === undefined ? {} : { url }),
    connected,
    compared,
    inStep,
    ...optionalTime('lastSeen', peer.lastSeen),
    ...{ ownSeq, sentSeq, receiptSeq, theirSeq, heldSeq, takes, reads },
    bytesIn: traffic.in,
    bytesOut: traffic.out,
    // What failed before and has come right since is nobody's concern.
    ...(lastFault === undefined || (connected && compared && inStep) ? {} : { lastFault }),
  };
}

export function optionalTime<K extends string>(key: K, ms: number | undefined): { [P in K]?: string } {
  const entry: { [P in K]?: string } = {};
  if (ms !== undefined) entry[key] = new Date(ms).toISOString();
  return entry;
}
