/** Ways to make no progress under an agreement in force: of links, and the rest. */
import type { AgentEvent } from '#agent/core/event.ts';
import type { Way, World } from './stood-still.ts';

export const called = { urlOf: () => 'https://relay.example' };

export const fails = ({ relay, agreement }: World, code: string): AgentEvent => ({
  type: 'error',
  code,
  details: { peer: relay.node, space: agreement.space },
});

async function sends(w: World) {
  await w.publish();
  return called;
}

export const links: readonly Way[] = [
  {
    what: 'nobody is configured or has called',
    is: 'waiting NO_PEER_KNOWN',
    come: () => ({ facts: { peers: [] } }),
  },
  {
    what: 'the relay cannot be reached',
    is: 'waiting NO_PEER_CONNECTED',
    come: ({ node, relay }) => {
      node.peers.linkUp(relay.node, false);
      const down = {
        type: 'peer.down',
        peer: relay.node,
        url: 'https://relay.example',
        code: 'PEER_UNREACHABLE',
      } as const;
      return { ...called, events: [{ ...down, details: { peer: relay.node } }] };
    },
  },
  {
    what: 'a link that says nothing yet',
    is: 'syncing COMPARING',
    come: ({ node, relay }) => {
      node.peers.linkUp(relay.node, false);
      node.peers.linkUp(relay.node, true);
      return undefined;
    },
  },
  {
    what: 'a link that never says anything',
    is: 'stalled NOT_COMPARED',
    still: true,
    come: ({ node, relay }) => {
      node.peers.linkUp(relay.node, false);
      node.peers.linkUp(relay.node, true);
      return undefined;
    },
  },
  {
    what: 'more is on its way here',
    is: 'syncing RECEIVING',
    come: (w) => w.meet([w.feed.filled(2).head]) as undefined,
  },
  {
    what: 'it does not come, or its content is at no peer',
    is: 'stalled PENDING_NO_PROGRESS',
    still: true,
    come: async ({ node }) => {
      const batch = node.own.state.batch();
      batch.markPending('a.txt');
      await batch.commit();
      return undefined;
    },
  },
  { what: 'more is on its way out', is: 'syncing SENDING', come: sends },
  {
    what: 'it does not go out',
    is: 'stalled SEND_NO_PROGRESS',
    still: true,
    come: sends,
  },
  {
    what: 'a reader has not confirmed yet',
    is: 'syncing RECEIPTS_AWAITED',
    come: async (w) => w.meet([await w.publish()]) as undefined,
  },
  {
    what: 'a reader does not confirm',
    is: 'waiting RECEIPT_OUTSTANDING',
    still: true,
    come: async (w) => w.meet([await w.publish()]) as undefined,
  },
  {
    what: 'a peer leaves records out',
    is: 'stalled RECORDS_WITHHELD',
    come: async ({ node, feed, other, meet }) => {
      const { segment, head } = feed.filled(2);
      await node.own.acceptor.accept(
        other.node,
        [{ ...segment, bodies: [undefined, segment.bodies[1]] }],
        head,
      );
      await node.facts();
      node.clock.ms += 60 * 60_000;
      meet([head]);
      return undefined;
    },
  },
];

export const others: readonly Way[] = [
  {
    what: 'the folder was not looked at',
    is: 'syncing FIRST_SCAN',
    unready: true,
    come: () => ({ lastScan: undefined as never }),
  },
  {
    what: 'nobody was heard yet',
    is: 'syncing PEERS_UNHEARD',
    unready: true,
    come: () => ({ unheard: true, lastScan: undefined as never }),
  },
  {
    what: 'nobody is heard',
    is: 'stalled PEERS_UNHEARD',
    still: true,
    unready: true,
    come: () => ({ unheard: true, lastScan: undefined as never }),
  },
  {
    what: 'a copy is older than agreed',
    is: 'stalled STALE_EXPIRED',
    come: ({ other }) => ({
      freshness: { freshnessHours: 24, authors: new Map([[other.node, { validUntil: 1, stale: true }]]) },
    }),
  },
  {
    what: 'a file never rests',
    is: 'waiting FILES_CHANGING',
    come: ({ node }) => ({ changing: { files: 1, since: node.clock.now() } }),
  },
  { what: 'a log grows', is: 'syncing FILES_GROWING', come: () => ({ growing: { files: 1 } }) },
  {
    what: 'a member has left its items to us',
    is: 'syncing HERITAGE_OURS',
    come: () => ({ heritage: { items: 2, heirs: 1, mine: true } }),
  },
  {
    what: 'it has left them to another',
    is: 'waiting HERITAGE_AWAITED',
    come: () => ({ heritage: { items: 2, heirs: 1, mine: false } }),
  },
  {
    what: 'it has left them to nobody',
    is: 'waiting HERITAGE_NOBODY',
    come: () => ({ heritage: { items: 2, heirs: 0, mine: false } }),
  },
  {
    what: 'a file does not fit on the disk',
    is: 'stalled DISK_FULL',
    unready: true,
    come: (w) => ill(w, 'DISK_FULL'),
  },
];

/** An item, or a place, has that problem. */
export async function ill({ node }: World, ...codes: readonly string[]): Promise<undefined> {
  const batch = node.own.state.batch();
  for (const code of codes) batch.putProblem({ code, path: `${code}.txt`, details: {} });
  await batch.commit();
}
