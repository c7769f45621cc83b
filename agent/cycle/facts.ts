/** What the status shows of a space, gathered from durable state and from what the peers have said. */
import { type Agreement, type Member, memberOf, type Role } from '#agent/core/agreement.ts';
import { takesPart } from '#agent/core/agreement-policy.ts';
import type { Halt } from '#agent/core/errors.ts';
import { type NodeId, type Origin, originKey, parseOriginKey } from '#agent/core/ids.ts';
import type { Head } from '#agent/core/segment.ts';
import { isRefusal } from '#agent/seal/agreement-book.ts';
import type { FreshnessFacts, PeerFacts, SpaceFacts } from '#agent/status/facts.ts';
import { withheldOf } from './closed-feeds.ts';
import { endHere } from './caught-up.ts';
import type { NodeSpace } from './node-space.ts';
import type { PeerBook } from './peer-book.ts';
import type { ProblemCodes } from './problem-codes.ts';
import { withdrawalFacts } from './withdrawals.ts';

export interface FactsParts {
  readonly own: NodeSpace;
  readonly me: NodeId;
  readonly role: 'agent' | 'relay';
  readonly peers: PeerBook;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly urlOf: (node: NodeId) => string | undefined;
  readonly codes: ProblemCodes;
  readonly freshness?: FreshnessFacts;
  /** Of an agent: its folder and what its cycle knows. */
  readonly folder?: string;
  readonly halt?: Halt;
  readonly heritage?: SpaceFacts['heritage'];
  readonly fault?: SpaceFacts['fault'];
  readonly changing?: SpaceFacts['changing'];
  readonly growing?: SpaceFacts['growing'];
  readonly lastScan?: number;
  /** Milliseconds; see `LivedTime.behind`. */
  readonly clockBehind?: number | undefined;
  readonly unheard?: true;
  readonly watched?: boolean;
}

export async function factsOf(parts: FactsParts): Promise<SpaceFacts> {
  const { own, role, folder, halt, lastScan, unheard, watched, freshness, heritage, fault } = parts;
  const { changing, growing } = parts;
  const standing = own.standing();
  const { items, bytes, pending, problems } = own.state.counts();
  const feeds = isRefusal(standing) ? noFeeds : await feedsOf(parts, standing);
  return {
    space: own.space,
    name: isRefusal(standing) ? String(standing.details.name ?? '') : standing.name,
    role,
    items,
    bytes,
    pending,
    ...feeds,
    ...(role === 'agent' ? { withdrawals: await withdrawalFacts(own.state) } : {}),
    problems,
    problemCodes: await parts.codes.of(own.state),
    agreement: stateOf(standing),
    ...(isRefusal(standing) ? { refusal: standing } : {}),
    ...(freshness ? { freshness } : {}),
    ...(parts.clockBehind === undefined
      ? {}
      : { clockBehindMinutes: Math.floor(parts.clockBehind / 60_000) }),
    ...(folder === undefined ? {} : { folder }),
    ...(halt ? { halt } : {}),
    ...(heritage ? { heritage } : {}),
    ...(fault ? { fault } : {}),
    ...(changing ? { changing } : {}),
    ...(growing ? { growing } : {}),
    ...(lastScan === undefined ? {} : { lastScan }),
    ...(unheard ? { unheard } : {}),
    ...(watched === undefined ? {} : { watched }),
  };
}

function stateOf(standing: ReturnType<NodeSpace['standing']>): SpaceFacts['agreement'] {
  if (!isRefusal(standing)) return 'in-force';
  return standings[standing.code] ?? 'absent';
}

const standings: Readonly<Record<string, SpaceFacts['agreement']>> = {
  AGREEMENT_EXPIRED: 'expired',
  AGREEMENT_NOT_YET: 'not-yet',
  AGREEMENT_SUSPENDED: 'suspended',
  AGREEMENT_ENDED: 'ended',
  READER_SYSTEM_EXPIRED: 'lapsed',
  ROUTE_EXCEPTION_EXPIRED: 'lapsed',
};

type FeedFacts = Pick<SpaceFacts, 'peers' | 'behind' | 'withheld' | 'withheldRecords'>;
const noFeeds: FeedFacts = { peers: [], behind: 0, withheld: 0, withheldRecords: 0 };

/** One feed of another node, or of an earlier life of this one, as held here and as heard of. */
interface Feed {
  readonly node: NodeId;
  readonly held: number;
  readonly heard: number;
}

async function feedsOf(parts: FactsParts, agreement: Agreement): Promise<FeedFacts> {
  const { own, me } = parts;
  const heads = await own.state.origins();
  const feeds = reads(agreement, me) ? await foreignFeeds(parts, agreement, heads) : [];
  let withheld = 0;
  let withheldRecords = 0;
  for (const { origin } of heads) withheldRecords += await withheldOf(own.state, origin);
  // A body that a later record is to excuse has yet to come, as that record has.
  let coming = 0;
  for (const { origin } of heads) {
    if (!own.acceptor.publishes(origin.node)) continue;
    if ((await own.acceptor.withheld(origin)) !== undefined) withheld += 1;
    else if ((await own.state.owed(origin)) !== undefined) coming += 1;
  }
  return {
    behind: feeds.reduce((sum, { held, heard }) => sum + Math.max(0, heard - held), coming),
    withheld,
    withheldRecords,
    peers: await peersOf(parts, agreement, { heads, feeds }),
  };
}

const has = (agreement: Agreement, node: NodeId, ...any: Role[]): boolean =>
  memberOf(agreement, node)?.roles.some((role) => any.includes(role)) ?? false;

/** Whether the feeds of others are for this node: a relay keeps them, a subscriber reads them. */
const reads = (agreement: Agreement, node: NodeId): boolean => has(agreement, node, 'subscribe', 'relay');

/** Feeds of publishers only: what a hostile relay invents of others is never taken in, so it is never behind. */
async function foreignFeeds(
  { own, peers }: FactsParts,
  agreement: Agreement,
  heads: readonly Head[],
): Promise<Feed[]> {
  const held = new Map(heads.map(({ origin, seq }) => [originKey(origin), seq]));
  const heard = peers.heardOf(own.space);
  const feeds: Feed[] = [];
  for (const key of new Set([...held.keys(), ...heard.keys()])) {
    const { node } = parseOriginKey(key);
    const counts = has(agreement, node, 'publish') || own.agreementOf(node) !== agreement;
    if (key === originKey(own.origin) || !counts) continue;
    const origin = parseOriginKey(key);
    const there = heard.get(key) ?? 0;
    const headAt = held.get(key) ?? 0;
    // Where the feed of who has left ends there may be no head.
    const here = headAt < there ? ((await own.state.position(origin))?.seq ?? 0) : headAt;
    const end = here < there ? await endHere(own.acceptor, origin) : here;
    feeds.push({ node, held: here, heard: Math.max(here, Math.min(there, end)) });
  }
  return feeds;
}

interface Known {
  readonly heads: readonly Head[];
  readonly feeds: readonly Feed[];
}

async function peersOf(parts: FactsParts, agreement: Agreement, known: Known): Promise<PeerFacts[]> {
  const { own, me } = parts;
  const receipts = await own.state.receipts();
  const ownSeq = known.heads.find(({ origin }) => same(origin, own.origin))?.seq ?? 0;
  const others = agreement.members.filter(
    ({ card }) => card.node !== me && concerns(parts, agreement, card.node),
  );
  const now = parts.now();
  return others.map((member) => {
    const { node } = member.card;
    const receipt = receipts.find((r) => r.reader === node && same(r.origin, own.origin));
    const seqs = { ownSeq, receiptSeq: receipt?.seq ?? 0 };
    return peerFacts(parts, member, { ...seqs, partner: takesPart(member, now) }, known.feeds);
  });
}

const same = (a: Origin, b: Origin): boolean => a.node === b.node && a.incarnation === b.incarnation;

/** A relay that nobody here is configured to call says nothing about this node. */
const concerns = ({ peers, urlOf }: FactsParts, agreement: Agreement, node: NodeId): boolean =>
  !has(agreement, node, 'relay') || urlOf(node) !== undefined || peers.connected(node);

interface PeerStanding {
  readonly ownSeq: number;
  readonly receiptSeq: number;
  /** False once the approval of its system is over: nothing goes to it, and nothing is awaited from it. */
  readonly partner: boolean;
}

function peerFacts(
  { own, peers, role, urlOf }: FactsParts,
  { card, roles }: Member,
  { ownSeq, receiptSeq, partner }: PeerStanding,
  feeds: readonly Feed[],
): PeerFacts {
  const { node, agency } = card;
  const url = urlOf(node);
  const lastSeen = peers.lastSeen(node);
  const theirs = feeds.filter((feed) => feed.node === node);
  const heldSeq = theirs.reduce((sum, { held }) => sum + held, 0);
  const heard = theirs.reduce((sum, feed) => sum + feed.heard, 0);
  return {
    node,
    agency,
    connected: peers.connected(node),
    compared: peers.compared(node, own.space),
    ownSeq,
    sentSeq: Math.max(peers.holds(node, own.space, own.origin), receiptSeq),
    receiptSeq,
    // It is bringing the chunks of at least one record more.
    theirSeq: heard + (peers.offers(node, own.space) ? 1 : 0),
    heldSeq,
    takes: partner && (roles.includes('subscribe') || roles.includes('relay')),
    reads: partner && role === 'agent' && roles.includes('subscribe'),
    ...(url === undefined ? {} : { url }),
    ...(lastSeen === undefined ? {} : { lastSeen }),
  };
}
