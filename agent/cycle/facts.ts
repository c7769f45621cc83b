/** What the status shows of a space, gathered from durable state and from what the peers have said. */
import { type Agreement, memberOf, type Member } from '#agent/core/agreement.ts';
import type { Halt } from '#agent/core/errors.ts';
import type { NodeId, Origin } from '#agent/core/ids.ts';
import { isRefusal } from '#agent/seal/agreement-book.ts';
import type { PeerFacts, SpaceFacts } from '#agent/status/facts.ts';
import type { NodeSpace } from './node-space.ts';
import type { PeerBook } from './peer-book.ts';

export interface FactsParts {
  readonly own: NodeSpace;
  readonly me: NodeId;
  readonly role: 'agent' | 'relay';
  readonly peers: PeerBook;
  readonly urlOf: (node: NodeId) => string | undefined;
  /** Of an agent: its folder and what its cycle knows. */
  readonly folder?: string;
  readonly halt?: Halt;
  readonly lastScan?: number;
  readonly lastChange?: number;
}

export async function factsOf(parts: FactsParts): Promise<SpaceFacts> {
  const { own, role, folder, halt, lastScan, lastChange } = parts;
  const standing = own.standing();
  const { items, bytes, pending, problems } = own.state.counts();
  const problemCodes: Record<string, number> = {};
  if (problems > 0)
    for await (const { code } of own.state.problems()) problemCodes[code] = (problemCodes[code] ?? 0) + 1;
  return {
    space: own.space,
    name: isRefusal(standing) ? '' : standing.name,
    role,
    items,
    bytes,
    pending,
    pendingBytes: 0,
    problems,
    problemCodes,
    agreement: stateOf(standing),
    ...(isRefusal(standing) ? { refusal: standing.code } : {}),
    peers: isRefusal(standing) ? [] : await peersOf(parts, standing),
    ...(folder === undefined ? {} : { folder }),
    ...(halt ? { halt } : {}),
    ...(lastScan === undefined ? {} : { lastScan }),
    ...(lastChange === undefined ? {} : { lastChange }),
  };
}

function stateOf(standing: ReturnType<NodeSpace['standing']>): SpaceFacts['agreement'] {
  if (!isRefusal(standing)) return 'in-force';
  if (standing.code === 'AGREEMENT_EXPIRED') return 'expired';
  return standing.code === 'AGREEMENT_NOT_YET' ? 'not-yet' : 'absent';
}

async function peersOf(parts: FactsParts, agreement: Agreement): Promise<PeerFacts[]> {
  const { own, me } = parts;
  const origins = await own.state.origins();
  const receipts = await own.state.receipts();
  const ownSeq = origins.find(({ origin }) => same(origin, own.origin))?.seq ?? 0;
  const others = agreement.members.filter(
    ({ card }) => card.node !== me && concerns(parts, agreement, card.node),
  );
  return Promise.all(
    others.map(async (member) => {
      const { node } = member.card;
      const receipt = receipts.find((r) => r.reader === node && same(r.origin, own.origin));
      const heldSeq = origins.filter((h) => h.origin.node === node).reduce((sum, h) => sum + h.seq, 0);
      return peerFacts(parts, member, { ownSeq, receiptSeq: receipt?.seq ?? 0, heldSeq });
    }),
  );
}

const same = (a: Origin, b: Origin): boolean => a.node === b.node && a.incarnation === b.incarnation;

/** A relay that nobody here is configured to call says nothing about this node. */
const concerns = ({ peers, urlOf }: FactsParts, agreement: Agreement, node: NodeId): boolean =>
  !memberOf(agreement, node)?.roles.includes('relay') || urlOf(node) !== undefined || peers.connected(node);

function peerFacts(
  { own, peers, role, urlOf }: FactsParts,
  { card, roles }: Member,
  { ownSeq, receiptSeq, heldSeq }: { ownSeq: number; receiptSeq: number; heldSeq: number },
): PeerFacts {
  const { node, agency } = card;
  const url = urlOf(node);
  const lastSeen = peers.lastSeen(node);
  const reads = role === 'agent' && roles.includes('subscribe');
  const reached = Math.max(peers.holds(node, own.space, own.origin), receiptSeq);
  return {
    node,
    agency,
    connected: peers.connected(node),
    ownSeq,
    sentSeq: reads && !url ? Math.max(reached, peers.connected(node) ? ownSeq : 0) : reached,
    receiptSeq,
    theirSeq: Math.max(heldSeq, peers.heardOf(node, own.space)),
    heldSeq,
    reads,
    ...(url === undefined ? {} : { url }),
    ...(lastSeen === undefined ? {} : { lastSeen }),
  };
}
