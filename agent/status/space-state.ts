/** In which state a space is, and why: pure, total, and the only place that decides it. */
import type { Details } from '#agent/core/errors.ts';
import type { PeerFacts, SpaceFacts } from './facts.ts';

/** From best to worst. */
export const spaceStates = ['in-step', 'syncing', 'waiting', 'stalled', 'no-agreement', 'halted'] as const;
export type SpaceStateName = (typeof spaceStates)[number];

export interface SpaceState {
  readonly state: SpaceStateName;
  /** A code of the catalogue; absent exactly when in step. */
  readonly reason?: string;
  /** What the text of the reason is filled from. */
  readonly details?: Details;
}

/** With work to do and a peer connected, so long without any progress is a stall. */
export const stallMs = 60_000;

/** `quietMs`: how long nothing has moved in this space. */
export function spaceState(facts: SpaceFacts, quietMs: number): SpaceState {
  return (
    noAgreement(facts) ??
    halted(facts) ??
    failing(facts) ??
    expired(facts) ??
    full(facts) ??
    notAdmitted(facts) ??
    firstScan(facts, quietMs) ??
    refused(facts) ??
    incoming(facts, quietMs) ??
    outgoing(facts, quietMs) ??
    alone(facts) ??
    withheld(facts) ??
    uncompared(facts, quietMs) ??
    changing(facts) ??
    problems(facts) ??
    growing(facts) ??
    leftBehind(facts) ??
    unconfirmed(facts, quietMs) ?? { state: 'in-step' }
  );
}

const agreementCodes = {
  'not-yet': 'AGREEMENT_NOT_YET',
  expired: 'AGREEMENT_EXPIRED',
  suspended: 'AGREEMENT_SUSPENDED',
  ended: 'AGREEMENT_ENDED',
  lapsed: 'AGREEMENT_ABSENT',
  absent: 'AGREEMENT_ABSENT',
} as const;

/** These end or begin with time: where the clock is wrong, that is the reason. */
const byTime: readonly string[] = ['not-yet', 'expired', 'lapsed'];

function noAgreement({ agreement, refusal, clockBehindMinutes }: SpaceFacts): SpaceState | undefined {
  if (agreement === 'in-force') return undefined;
  if (clockBehindMinutes !== undefined && byTime.includes(agreement))
    return { state: 'no-agreement', reason: 'CLOCK_BEHIND', details: { minutes: clockBehindMinutes } };
  const { code, details } = refusal ?? { code: agreementCodes[agreement], details: {} };
  return { state: 'no-agreement', reason: code, details };
}

const halted = ({ halt }: SpaceFacts): SpaceState | undefined =>
  halt && { state: 'halted', reason: halt.code, details: halt.details };

/** The space does not come round: nothing else that is known of it is of now. */
const failing = ({ fault }: SpaceFacts): SpaceState | undefined =>
  fault && { state: 'stalled', reason: fault.code, details: fault.details };

/** Whose index is new scans nothing before it has heard from those whom it calls what they hold. */
function firstScan(facts: SpaceFacts, quietMs: number): SpaceState | undefined {
  const { role, lastScan, unheard, peers } = facts;
  if (role === 'relay' || (lastScan !== undefined && !unheard)) return undefined;
  const calls = peers.some(({ url }) => url !== undefined);
  const hindered = calls ? alone(facts) : undefined;
  if (hindered) return hindered;
  if (!unheard) return { state: 'syncing', reason: 'FIRST_SCAN' };
  if (quietMs < stallMs) return { state: 'syncing', reason: 'PEERS_UNHEARD' };
  return failingWith(peers) ?? { state: 'stalled', reason: 'PEERS_UNHEARD' };
}

/** Whatever else goes on, what is old must not pass for new. */
function expired({ freshness }: SpaceFacts): SpaceState | undefined {
  const stale = [...(freshness?.authors.values() ?? [])].filter((author) => author.stale);
  if (!freshness || stale.length === 0) return undefined;
  const { freshnessHours } = freshness;
  return { state: 'stalled', reason: 'STALE_EXPIRED', details: { authors: stale.length, freshnessHours } };
}

/** An item that does not fit keeps no other back, and somebody has to make room for it. */
const full = ({ problemCodes }: SpaceFacts): SpaceState | undefined =>
  (problemCodes?.DISK_FULL ?? 0) > 0 ? { state: 'stalled', reason: 'DISK_FULL', details: {} } : undefined;

/** A peer that answers so has looked, and this is no matter of the network. */
const admission: Readonly<Record<string, string>> = {
  PEER_REFUSED_CERTIFICATE: 'NOT_ADMITTED',
  PEER_REFUSED: 'NOT_ADMITTED',
  NOT_A_MEMBER: 'NOT_ADMITTED',
  SPACE_NOT_SHARED: 'NOT_ADMITTED',
  AGREEMENT_MISMATCH: 'AGREEMENTS_DIFFER',
};
/** Nor do these pass by themselves. */
const refusals = ['BODY_MALFORMED', 'BODY_TOO_LARGE', 'SEGMENT_REFUSED', 'ROLE_REFUSED', 'FEED_FORK'];

const faultOf = ({ agency, lastFault = '' }: PeerFacts) => ({ agency, code: lastFault });

/** Where no peer is left that would answer. */
function notAdmitted({ peers }: SpaceFacts): SpaceState | undefined {
  const called = peers.filter((peer) => peer.url !== undefined || peer.connected);
  const refusing = called.filter(({ lastFault = '' }) => admission[lastFault] !== undefined);
  const [first] = refusing;
  if (!first || refusing.length < called.length) return undefined;
  return { state: 'stalled', reason: admission[first.lastFault ?? ''] ?? '', details: faultOf(first) };
}

/** What is brought, or fetched, is refused for what it is: to try again does not help. */
function refused({ peers }: SpaceFacts): SpaceState | undefined {
  const found = peers.find(
    (peer) => isConnected(peer) && refusals.includes(peer.lastFault ?? '') && (lacks(peer) || owes(peer)),
  );
  return found && { state: 'stalled', reason: 'REFUSED_BY_PEER', details: faultOf(found) };
}

const isConnected = (peer: PeerFacts): boolean => peer.connected;
/** The peer has written more than this node holds. */
const owes = (peer: PeerFacts): boolean => peer.heldSeq < peer.theirSeq;
const lacks = (peer: PeerFacts): boolean => peer.takes && peer.sentSeq < peer.ownSeq;
const confirms = (peer: PeerFacts): boolean => !peer.reads || peer.receiptSeq >= peer.ownSeq;

/** Whether a peer and this node hold the same, as far as each has told the other. */
export const peerInStep = (peer: PeerFacts): boolean =>
  !owes(peer) && (peer.reads ? confirms(peer) : !lacks(peer));

/** What others wrote reaches this node through anybody: a peer behind a relay is never connected itself. */
function incoming(facts: SpaceFacts, quietMs: number): SpaceState | undefined {
  const { pending, behind, peers, problems: ill } = facts;
  if (pending === 0 && behind === 0 && !peers.some(owes)) return undefined;
  if (!peers.some(isConnected)) return undefined;
  if (quietMs < stallMs) return { state: 'syncing', reason: 'RECEIVING' };
  // Each item that waits may have its own reason, and says so.
  if (behind === 0 && pending <= ill && !peers.some(owes)) return problems(facts);
  return failingWith(peers) ?? { state: 'stalled', reason: 'PENDING_NO_PROGRESS' };
}

/** To those whom this node calls. Who calls us fetches by himself; what he lacks is what he has not confirmed. */
function outgoing({ peers }: SpaceFacts, quietMs: number): SpaceState | undefined {
  const lacking = peers.filter((peer) => isConnected(peer) && peer.url !== undefined && lacks(peer));
  if (lacking.length === 0) return undefined;
  if (quietMs < stallMs) return { state: 'syncing', reason: 'SENDING' };
  return failingWith(lacking) ?? { state: 'stalled', reason: 'SEND_NO_PROGRESS' };
}

/** What keeps an exchange from moving, where it was told. */
function failingWith(peers: readonly PeerFacts[]): SpaceState | undefined {
  const found = peers.find((peer) => isConnected(peer) && peer.lastFault !== undefined);
  return found && { state: 'stalled', reason: 'EXCHANGE_FAILS', details: faultOf(found) };
}

/** Without a link nobody knows what others have written: never in step. */
function alone({ peers }: SpaceFacts): SpaceState | undefined {
  if (peers.length === 0) return { state: 'waiting', reason: 'NO_PEER_KNOWN' };
  return peers.some(isConnected) ? undefined : { state: 'waiting', reason: 'NO_PEER_CONNECTED' };
}

const withheld = ({ withheld: feeds }: SpaceFacts): SpaceState | undefined =>
  feeds > 0 ? { state: 'stalled', reason: 'RECORDS_WITHHELD', details: { feeds } } : undefined;

/** A link alone says nothing: under another agreement, say, the peer answers no question about this space. */
function uncompared({ peers }: SpaceFacts, quietMs: number): SpaceState | undefined {
  if (peers.every((peer) => !peer.connected || peer.compared)) return undefined;
  const told = peers.find((peer) => admission[peer.lastFault ?? ''] !== undefined);
  const reason = admission[told?.lastFault ?? ''];
  if (told && reason) return { state: 'stalled', reason, details: faultOf(told) };
  if (quietMs >= stallMs) return { state: 'stalled', reason: 'NOT_COMPARED' };
  return { state: 'syncing', reason: 'COMPARING' };
}

/** The others cannot know: to them the version before is the newest. */
const changing = ({ changing: of }: SpaceFacts): SpaceState | undefined =>
  of && {
    state: 'waiting',
    reason: 'FILES_CHANGING',
    details: { files: of.files, since: new Date(of.since).toISOString() },
  };

const growing = ({ growing: of }: SpaceFacts): SpaceState | undefined =>
  of && { state: 'syncing', reason: 'FILES_GROWING', details: { files: of.files } };

const problems = ({ problems: count }: SpaceFacts): SpaceState | undefined =>
  count > 0 ? { state: 'waiting', reason: 'ITEM_PROBLEMS' } : undefined;

/** A member that comes now would not get it. */
function leftBehind({ heritage }: SpaceFacts): SpaceState | undefined {
  if (!heritage) return undefined;
  const details = { items: heritage.items };
  if (heritage.mine) return { state: 'syncing', reason: 'HERITAGE_OURS', details };
  return { state: 'waiting', reason: heritage.heirs > 0 ? 'HERITAGE_AWAITED' : 'HERITAGE_NOBODY', details };
}

function unconfirmed({ peers }: SpaceFacts, quietMs: number): SpaceState | undefined {
  if (peers.every(confirms)) return undefined;
  if (quietMs >= stallMs) return { state: 'waiting', reason: 'RECEIPT_OUTSTANDING' };
  return { state: 'syncing', reason: 'RECEIPTS_AWAITED' };
}

/** The worst of several; a node without spaces waits for one. */
export function worstState(states: readonly SpaceState[]): SpaceState {
  const rank = ({ state }: SpaceState): number => spaceStates.indexOf(state);
  const worst = [...states].sort((a, b) => rank(b) - rank(a))[0];
  return worst ?? { state: 'waiting', reason: 'NO_SPACES' };
}

/** Why the node is not ready to serve this space; undefined when it is. */
export function unreadyReason(facts: SpaceFacts): string | undefined {
  const stopped = noAgreement(facts) ?? halted(facts) ?? failing(facts) ?? full(facts);
  if (stopped) return stopped.reason;
  return isWatched(facts) ? undefined : 'FIRST_SCAN';
}

const isWatched = ({ role, watched, lastScan }: SpaceFacts): boolean =>
  role === 'relay' || (watched ?? lastScan !== undefined);
