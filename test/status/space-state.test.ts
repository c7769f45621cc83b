/** The state of a space, as a table: every state, every reason, and which wins. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '#agent/core/messages/index.ts';
import type { PeerFacts, SpaceFacts } from '#agent/status/facts.ts';
import {
  peerInStep,
  spaceState,
  spaceStates,
  stallMs,
  unreadyReason,
  worstState,
} from '#agent/status/space-state.ts';
import { facts, peer } from './sample-facts.ts';

const halt = { code: 'STORE_ROOT_GONE' as const, details: {}, needsRelease: false };
const quiet = stallMs;
const offline = peer({ connected: false });
const publisher = peer({ takes: false, reads: false, sentSeq: 0, receiptSeq: 0 });
const { url: _, ...called } = peer();
const caller = (changes: Partial<PeerFacts>): PeerFacts => ({ ...called, ...changes });

const table: [what: string, changes: Partial<SpaceFacts>, quietMs: number, expected: string][] = [
  ['all present and confirmed', {}, 0, 'in-step'],
  ['in step stays so, however quiet', {}, 100 * quiet, 'in-step'],
  ['no agreement', { agreement: 'absent' }, 0, 'no-agreement AGREEMENT_ABSENT'],
  ['agreement to come', { agreement: 'not-yet' }, 0, 'no-agreement AGREEMENT_NOT_YET'],
  ['agreement over', { agreement: 'expired' }, 0, 'no-agreement AGREEMENT_EXPIRED'],
  [
    'agreement refused',
    { agreement: 'absent', refusal: { code: 'AGREEMENT_DAMAGED', details: {} } },
    0,
    'no-agreement AGREEMENT_DAMAGED',
  ],
  ['no agreement before halted', { agreement: 'expired', halt }, 0, 'no-agreement AGREEMENT_EXPIRED'],
  [
    'a copy that is too old',
    {
      freshness: {
        freshnessHours: 8,
        authors: new Map([[peer().node, { validUntil: 0, stale: true } as never]]),
      },
    },
    0,
    'stalled STALE_EXPIRED',
  ],
  ['halted', { halt, pending: 5 }, quiet, 'halted STORE_ROOT_GONE'],
  ['not yet scanned', { lastScan: undefined as never }, quiet, 'syncing FIRST_SCAN'],
  [
    'not yet scanned, and nobody has told what they hold',
    { peers: [offline], lastScan: undefined as never },
    quiet,
    'waiting NO_PEER_CONNECTED',
  ],
  [
    'not yet scanned, and not admitted',
    { peers: [{ ...offline, lastFault: 'NOT_A_MEMBER' }], lastScan: undefined as never },
    quiet,
    'stalled NOT_ADMITTED',
  ],
  ['a new index', { unheard: true, lastScan: undefined as never }, 0, 'syncing PEERS_UNHEARD'],
  ['a new index, not moving', { unheard: true }, quiet, 'stalled PEERS_UNHEARD'],
  ['a new index, no link', { unheard: true, peers: [offline] }, 0, 'waiting NO_PEER_CONNECTED'],
  ['pending, moving', { pending: 1 }, quiet - 1, 'syncing RECEIVING'],
  ['pending, not moving', { pending: 1 }, quiet, 'stalled PENDING_NO_PROGRESS'],
  ['pending, no link', { pending: 1, peers: [offline] }, quiet, 'waiting NO_PEER_CONNECTED'],
  ['pending, no peer', { pending: 1, peers: [] }, quiet, 'waiting NO_PEER_KNOWN'],
  ['pending for reasons that each item tells', { pending: 2, problems: 2 }, quiet, 'waiting ITEM_PROBLEMS'],
  [
    'pending for reasons, and more to come',
    { pending: 2, problems: 2, behind: 1 },
    quiet,
    'stalled PENDING_NO_PROGRESS',
  ],
  ['records heard of and not held', { behind: 1 }, 0, 'syncing RECEIVING'],
  ['the same, not moving', { behind: 1 }, quiet, 'stalled PENDING_NO_PROGRESS'],
  [
    'a peer behind the relay has written more',
    { peers: [peer({ reads: false }), peer({ connected: false, theirSeq: 9 })] },
    0,
    'syncing RECEIVING',
  ],
  ['a peer leaves records out', { withheld: 1 }, 0, 'stalled RECORDS_WITHHELD'],
  ['a link, nothing asked yet', { peers: [peer({ compared: false })] }, 0, 'syncing COMPARING'],
  ['a link, and no answer', { peers: [peer({ compared: false })] }, quiet, 'stalled NOT_COMPARED'],
  [
    'one of two links gives no answer',
    { peers: [peer(), peer({ compared: false })] },
    quiet,
    'stalled NOT_COMPARED',
  ],
  ['a member that only publishes', { peers: [publisher] }, 0, 'in-step'],
  [
    'a member that only publishes has more',
    { peers: [{ ...publisher, theirSeq: 9 }] },
    0,
    'syncing RECEIVING',
  ],
  [
    'who calls us fetches by himself',
    { peers: [caller({ sentSeq: 3, receiptSeq: 3 })] },
    0,
    'syncing RECEIPTS_AWAITED',
  ],
  ['heard of more', { peers: [peer({ theirSeq: 9 })] }, 0, 'syncing RECEIVING'],
  ['heard of more, not moving', { peers: [peer({ theirSeq: 9 })] }, quiet, 'stalled PENDING_NO_PROGRESS'],
  ['to send', { peers: [peer({ sentSeq: 3, receiptSeq: 3 })] }, 0, 'syncing SENDING'],
  [
    'to send, not moving',
    { peers: [peer({ sentSeq: 3, receiptSeq: 3 })] },
    quiet,
    'stalled SEND_NO_PROGRESS',
  ],
  ['receipt to come', { peers: [peer({ receiptSeq: 3 })] }, 0, 'syncing RECEIPTS_AWAITED'],
  ['receipt overdue', { peers: [peer({ receiptSeq: 3 })] }, quiet, 'waiting RECEIPT_OUTSTANDING'],
  [
    'a reader behind the relay is away',
    {
      peers: [peer({ reads: false, receiptSeq: 0 }), peer({ connected: false, receiptSeq: 3, sentSeq: 3 })],
    },
    quiet,
    'waiting RECEIPT_OUTSTANDING',
  ],
  ['a relay gives no receipts', { peers: [peer({ reads: false, receiptSeq: 0 })] }, 0, 'in-step'],
  ['no link, nothing known to do', { peers: [offline] }, 0, 'waiting NO_PEER_CONNECTED'],
  ['no peer at all', { peers: [] }, 0, 'waiting NO_PEER_KNOWN'],
  ['a direct link is down, the relay is up', { peers: [peer({ reads: false }), offline] }, 0, 'in-step'],
  ['problems', { problems: 2 }, 0, 'waiting ITEM_PROBLEMS'],
  ['a file that never rests', { problems: 1, changing: { files: 1, since: 0 } }, 0, 'waiting FILES_CHANGING'],
  ['a log that grows on', { growing: { files: 1 } }, 0, 'syncing FILES_GROWING'],
  ['a log that grows on, and a problem', { problems: 1, growing: { files: 1 } }, 0, 'waiting ITEM_PROBLEMS'],
  ['a relay scans nothing', { role: 'relay', lastScan: undefined as never }, 0, 'in-step'],
];

describe('spaceState', () => {
  it.each(table)('%s', (_, changes, quietMs, expected) => {
    const { state, reason } = spaceState(facts(changes), quietMs);
    expect([state, reason].filter((part) => part !== undefined).join(' ')).toBe(expected);
  });

  it('knows every state', () => {
    expect(new Set(table.map(([, , , expected]) => expected.split(' ')[0]))).toEqual(new Set(spaceStates));
  });

  it('has a text for every reason of its own', () => {
    const reasons = table.flatMap(([, , , expected]) => expected.split(' ')[1] ?? []);
    const own = reasons.filter((reason) => !reason.startsWith('STORE_'));
    for (const reason of own) expect(catalogue).toHaveProperty([reason]);
  });

  it('is in step only when nothing is pending, owed, unconfirmed or ill; and else always says why', () => {
    const count = fc.nat({ max: 2 });
    const anyPeer = fc.record({
      connected: fc.boolean(),
      compared: fc.boolean(),
      takes: fc.boolean(),
      reads: fc.boolean(),
      ownSeq: count,
      sentSeq: count,
      receiptSeq: count,
      theirSeq: count,
      heldSeq: count,
    });
    const anyFacts = fc.record({
      pending: count,
      behind: count,
      withheld: count,
      problems: count,
      peers: fc.array(anyPeer, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(anyFacts, fc.nat({ max: 2 * stallMs }), ({ peers, ...rest }, quietMs) => {
        const given = facts({ ...rest, peers: peers.map((p) => peer(p)) });
        const { state, reason } = spaceState(given, quietMs);
        expect(reason === undefined).toBe(state === 'in-step');
        if (state !== 'in-step') return;
        expect(given.pending + given.problems + given.behind + given.withheld).toBe(0);
        expect(given.peers.some((p) => p.connected && p.compared)).toBe(true);
        const open = given.peers.filter((p) => p.connected || p.reads);
        expect(open.every(peerInStep)).toBe(true);
        expect(given.peers.every((p) => p.heldSeq >= p.theirSeq)).toBe(true);
      }),
    );
  });
});

it('peerInStep: a reader by its receipt, a relay by what it holds', () => {
  expect(peerInStep(peer())).toBe(true);
  expect(peerInStep(peer({ receiptSeq: 9 }))).toBe(false);
  expect(peerInStep(peer({ heldSeq: 4 }))).toBe(false);
  expect(peerInStep(peer({ reads: false, receiptSeq: 0 }))).toBe(true);
  expect(peerInStep(peer({ reads: false, sentSeq: 9 }))).toBe(false);
});

it('worstState: the worst of all; without spaces it waits for one', () => {
  const of = (...states: (typeof spaceStates)[number][]) =>
    worstState(states.map((state) => ({ state }))).state;
  expect(of('in-step', 'halted', 'syncing')).toBe('halted');
  expect(of('in-step', 'in-step')).toBe('in-step');
  expect(of('stalled', 'waiting')).toBe('stalled');
  expect(worstState([])).toEqual({ state: 'waiting', reason: 'NO_SPACES' });
});

it('unreadyReason: halted, without agreement, or not yet watched', () => {
  const unscanned = { lastScan: undefined as never };
  expect(unreadyReason(facts())).toBeUndefined();
  expect(unreadyReason(facts({ pending: 9, problems: 3, peers: [] }))).toBeUndefined();
  expect(unreadyReason(facts({ halt }))).toBe('STORE_ROOT_GONE');
  expect(unreadyReason(facts({ agreement: 'expired' }))).toBe('AGREEMENT_EXPIRED');
  expect(unreadyReason(facts(unscanned))).toBe('FIRST_SCAN');
  expect(unreadyReason(facts({ ...unscanned, watched: true }))).toBeUndefined();
  expect(unreadyReason(facts({ ...unscanned, role: 'relay' }))).toBeUndefined();
});
