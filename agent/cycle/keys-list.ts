/** The epochs of a space that were ever granted to anybody, and whether this node holds them. */
import { originKey } from '#agent/core/ids.ts';
import type { LedgerEpoch } from '#agent/feed/key-ledger.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import { deviceSuite } from '#agent/seal/device-grant.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type { EpochLine, Party } from '#agent/status/control-keys.ts';
import type { NodeSpace } from './node-space.ts';

export interface KeysListParts {
  readonly own: Pick<NodeSpace, 'space' | 'origin'> & { readonly state: SpaceState };
  readonly keyring: Pick<Keyring, 'classes' | 'currentEpoch' | 'classOf' | 'facts'>;
  readonly party: (node: string) => Party;
}

/** Sorted by publisher and number. */
export async function* epochLines(parts: KeysListParts): AsyncGenerator<EpochLine> {
  const { own, keyring } = parts;
  const { state, space } = own;
  const current = await currentEpochs(parts);
  let live: { readonly feed: string; readonly counts: ReadonlyMap<number, number> } | undefined;
  for await (const one of state.keyLedger.epochs()) {
    const feed = originKey(one.origin);
    const held = (await keyring.classOf(space, one.origin, one.epoch)) !== undefined;
    const { opened, why, destroyed } = await keyring.facts(space, one.origin, one.epoch);
    const isOwn = one.origin.node === own.origin.node;
    if (live?.feed !== feed) live = { feed, counts: await state.keyLedger.live(one.origin) };
    yield {
      ...lineOf(parts, one),
      own: isOwn,
      opened: isOwn ? opened : one.at,
      why: why ?? '',
      current: current.get(feed)?.has(one.epoch) ?? false,
      secret: secretOf(one.suite, held, destroyed),
      destroyed,
      live: live.counts.get(one.epoch) ?? 0,
    };
  }
}

/** Of a key in a device there is no secret here, and none to destroy: whoever has that device can make it again. */
function secretOf(suite: string, held: boolean, destroyed: number): EpochLine['secret'] {
  if (!held && destroyed === 0) return 'withheld';
  if (suite === deviceSuite) return 'device';
  return held ? 'held' : 'destroyed';
}

const lineOf = ({ party }: KeysListParts, { origin, epoch, labelClass, suite, grants }: LedgerEpoch) => ({
  publisher: party(origin.node),
  incarnation: origin.incarnation as string,
  ...{ labelClass, epoch, suite },
  readers: grants.map(({ node, at }) => ({ ...party(node), granted: at })).sort(byAgency),
});

const byAgency = (x: Party, y: Party): number =>
  x.agency.localeCompare(y.agency, 'en') || x.node.localeCompare(y.node, 'en');

/** Of this node by its own book; of others the newest of each class in the newest feed. By `originKey`. */
async function currentEpochs({ own, keyring }: KeysListParts): Promise<Map<string, ReadonlySet<number>>> {
  const newest = new Map<string, { readonly feed: string; readonly time: number }>();
  for (const { origin, time } of await own.state.origins()) {
    const known = newest.get(origin.node);
    if (!known || known.time < time) newest.set(origin.node, { feed: originKey(origin), time });
  }
  const byClass = new Map<string, Map<string, number>>();
  for await (const { origin, epoch, labelClass, closed } of own.state.keyLedger.epochs()) {
    const feed = originKey(origin);
    if (newest.get(origin.node)?.feed !== feed || closed > 0 || origin.node === own.origin.node) continue;
    byClass.set(feed, (byClass.get(feed) ?? new Map<string, number>()).set(labelClass, epoch));
  }
  const current = new Map([...byClass].map(([feed, epochs]) => [feed, new Set(epochs.values())]));
  const mine = new Set<number>();
  for (const labelClass of await keyring.classes(own.space, own.origin)) {
    const epoch = await keyring.currentEpoch(own.space, own.origin, labelClass);
    if (epoch !== undefined) mine.add(epoch);
  }
  return current.set(originKey(own.origin), mine);
}
