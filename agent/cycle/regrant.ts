/** Earlier epochs of this node's feed, granted to members that came, or were approved again, since they were opened. */
import type { Agreement } from '#agent/core/agreement.ts';
import { readersOf } from '#agent/core/agreement-policy.ts';
import type { Origin, Tag } from '#agent/core/ids.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { ItemKeys } from '#agent/seal/item-keys.ts';
import type { Keyring } from '#agent/seal/keyring.ts';

export interface RegrantParts {
  readonly agreement: Agreement;
  readonly origin: Origin;
  readonly state: Pick<SpaceState, 'liveSeq' | 'record'>;
  readonly keyring: Pick<Keyring, 'ownEpochs'>;
  /** Puts a grant for today's readers in the place of the one that stands under the tag. */
  readonly grant: (keys: ItemKeys, grantTag: Tag) => Promise<void>;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Nothing unless the agreement gives new members what was published before. Returns how many epochs were granted. */
export async function regrant(parts: RegrantParts): Promise<number> {
  const { agreement, origin, keyring, grant } = parts;
  if (!agreement.history) return 0;
  let granted = 0;
  for await (const { keys, grantTag } of keyring.ownEpochs(agreement.space, origin)) {
    if (!(await lacksReaders(parts, keys, grantTag))) continue;
    await grant(keys, grantTag);
    granted += 1;
  }
  return granted;
}

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
  const has = new Set(record.grants.map(({ node }) => node));
  return readersOf(agreement, origin.node, labelClass, now).some(({ card }) => !has.has(card.node));
}
