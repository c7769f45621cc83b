/** One space and its peers, as the snapshot shows them. */
import type { Halt } from '#agent/core/errors.ts';
import type { AuthorFreshness, FreshnessFacts, PeerFacts, SpaceFacts } from './facts.ts';
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
    ...freshnessOf([...(facts.freshness?.authors.values() ?? [])]),
    ...optionalTime('lastScan', facts.lastScan),
    ...optionalTime('lastChange', facts.lastChange),
    quietSeconds: Math.round(Math.max(0, quietMs)) / 1000,
    peers: facts.peers.map((peer) => snapshotOfPeer(peer, traffic(peer.node), facts.freshness)),
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

function snapshotOfPeer(peer: PeerFacts, traffic: PeerTraffic, freshness?: FreshnessFacts): PeerSnapshot {
  const author = freshness?.authors.get(peer.node);
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
    ...freshnessOf(author ? [author] : []),
    ...{ ownSeq, sentSeq, receiptSeq, theirSeq, heldSeq, takes, reads },
    bytesIn: traffic.in,
    bytesOut: traffic.out,
    // What failed before and has come right since is nobody's concern.
    ...(lastFault === undefined || (connected && compared && inStep) ? {} : { lastFault }),
  };
}

/** Of several authors the oldest counts; one that was never heard leaves no time. */
function freshnessOf(
  authors: readonly AuthorFreshness[],
): Pick<SpaceSnapshot, 'lastSyncedAt' | 'validUntil' | 'flags'> {
  const synced = authors.map(({ lastSyncedAt }) => lastSyncedAt);
  const heard = synced.every((at) => at !== undefined) && authors.length > 0;
  return {
    ...optionalTime('lastSyncedAt', heard ? Math.min(...synced) : undefined),
    ...optionalTime(
      'validUntil',
      authors.length > 0 ? Math.min(...authors.map((one) => one.validUntil)) : undefined,
    ),
    flags: authors.some(({ stale }) => stale) ? ['STALE_EXPIRED'] : [],
  };
}

export function optionalTime<K extends string>(key: K, ms: number | undefined): { [P in K]?: string } {
  const entry: { [P in K]?: string } = {};
  if (ms !== undefined) entry[key] = new Date(ms).toISOString();
  return entry;
}
