/** Earlier epochs of this node's feed, granted to members that came, or were approved again, since they were opened. */
import type { Agreement } from '#agent/core/agreement.ts';
import { readersOf } from '#agent/core/agreement-policy.ts';
import type { Origin, Tag } from '#agent/core/ids.ts';
import { labelClass } from '#agent/core/label.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { ItemKeys } from '#agent/seal/item-keys.ts';
import type { Keyring } from '#agent/seal/keyring.ts';

export interface RegrantParts {
  readonly agreement: Agreement;
  readonly origin: Origin;
  /** Whether others wait for a first record of the feed; without effect once there is one. */
  readonly own: { wordDue: boolean };
  readonly state: Pick<SpaceState, 'liveSeq' | 'record' | 'head'>;
  readonly keyring: Pick<Keyring, 'ownEpochs' | 'current'>;
  /** Puts a grant for today's readers in the place of the one that stands under the tag. */
  readonly grant: (keys: ItemKeys, grantTag: Tag) => Promise<void>;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Nothing unless the agreement gives new members what was published before. Returns how many epochs were granted. */
export async function regrant(parts: RegrantParts): Promise<number> {
  const { agreement, origin, keyring, grant } = parts;
  const word = await firstWord(parts);
  if (!agreement.history) return word;
  let granted = word;
  for await (const { keys, grantTag } of keyring.ownEpochs(agreement.space, origin)) {
    if (!(await lacksReaders(parts, keys, grantTag))) continue;
    await grant(keys, grantTag);
    granted += 1;
  }
  return granted;
}

/** A feed has a head from its first record on: the grant of an epoch of the lowest class, with nothing under it yet. */
async function firstWord({ own, state, agreement, origin, keyring, grant }: RegrantParts): Promise<number> {
  if (!own.wordDue || (await state.head(origin))) return 0;
  const { keys, grantTag } = await keyring.current(agreement, origin, lowestClass);
  await grant(keys, grantTag);
  return 1;
}

const lowestClass = labelClass({ sensitivity: 'PUBLIC', secrecy: 'NONE', personalData: 'NONE' });

/** An epoch whose grant never went out has nothing sealed under it. */
async function lacksReaders(
  { agreement, origin, state, now }: RegrantParts,
  { labelClass }: ItemKeys,
  grantTag: Tag,
): Promise<boolean> {
  const seq = await state.liveSeq(origin, grantTag);
  const body = seq === undefined ? undefined : await state.record(origin, seq);
  if (!body) return false;
  const record = decodeRecord(body);
  if (record.type !== 'grant') return false;
  // It is over, and its secret is about to be destroyed.
  if (record.grants.length === 0) return false;
  const has = new Set(record.grants.map(({ node }) => node));
  return readersOf(agreement, origin.node, labelClass, now).some(({ card }) => !has.has(card.node));
}
