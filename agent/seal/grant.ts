/** Grants: an epoch's secret wrapped to exactly the readers that the agreement names. */
import type { Agreement, Member } from '#agent/core/agreement.ts';
import { readersOf } from '#agent/core/agreement-policy.ts';
import { DongboError } from '#agent/core/errors.ts';
import { bytesOf, type NodeId, type Origin, type SpaceId } from '#agent/core/ids.ts';
import type { Grant, GrantRecord } from '#agent/core/record.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import { deviceSuite } from './device-grant.ts';
import { DeviceKeys } from './device-keys.ts';
import { type EpochKeys, type EpochParts, originBytes, u32 } from './epoch.ts';
import type { ItemKeys } from './item-keys.ts';
import type { EpochSecret, WrapPrivate } from './key-types.ts';
import { suites } from './suite.ts';

/** What a grant is bound to, so that it cannot be moved to another space, origin, epoch, label or form. */
function grantInfo(
  space: SpaceId,
  origin: Origin,
  { epoch, labelClass, form = 'padme' }: Pick<EpochParts, 'epoch' | 'labelClass' | 'form'>,
): Uint8Array {
  const place = [bytesOf(space), originBytes(origin), u32(epoch)];
  return Buffer.concat([
    Buffer.from('dongbo/v1/grant'),
    ...place,
    Buffer.from(form === 'padme' ? labelClass : `${labelClass}\0${form}`),
  ]);
}

/** Wraps the epoch to its readers at `now`, in the order of the agreement, whose suite is the epoch's. */
export async function makeGrants(agreement: Agreement, keys: EpochKeys, now: number): Promise<GrantRecord> {
  const { space, origin, epoch, labelClass, form } = keys;
  if (keys.suite !== agreement.suite) throw new DongboError('INVARIANT', { what: 'suite of the epoch' });
  const suite = suites[agreement.suite];
  const info = grantInfo(space, origin, keys);
  const wrapTo = async ({ card }: Member): Promise<Grant> => ({
    node: card.node,
    ...(await suite.wrap(suite.wrapKeyOf(card), keys.secret, info)),
  });
  const grants: Grant[] = [];
  for (const member of readersOf(agreement, origin.node, labelClass, now)) grants.push(await wrapTo(member));
  const shown = form === 'padme' ? {} : { form };
  return { type: 'grant', epoch, labelClass, suite: suite.name, ...shown, grants };
}

/** Takes the place of an epoch's grant when nothing needs it any more: no wrapped secret is left in the feed. */
export function closingGrant(keys: ItemKeys): GrantRecord {
  const suite = keys instanceof DeviceKeys ? deviceSuite : keys.suite;
  return { type: 'grant', epoch: keys.epoch, labelClass: keys.labelClass, suite, grants: [] };
}

export type OpenedGrant =
  | { readonly outcome: 'opened'; readonly secret: EpochSecret }
  | { readonly outcome: 'not-for-us' }
  /** It was made with another suite than the space has: it is not even tried. */
  | { readonly outcome: 'other-suite' }
  | { readonly outcome: 'tampered' };

/** This node's key for each suite. */
export type WrapPrivates = Readonly<Record<SuiteName, WrapPrivate>>;

/** Opens our own grant in a record of `origin`'s feed. `place.suite` is that of the space. */
export async function openGrant(
  { space, suite }: Pick<Agreement, 'space' | 'suite'>,
  origin: Origin,
  record: GrantRecord,
  reader: { readonly node: NodeId; readonly wrapPrivates: WrapPrivates },
): Promise<OpenedGrant> {
  if (record.suite !== suite) return { outcome: 'other-suite' };
  const ours = record.grants.find((grant) => grant.node === reader.node);
  if (!ours) return { outcome: 'not-for-us' };
  const info = grantInfo(space, origin, record);
  const secret = await suites[suite].unwrap(reader.wrapPrivates[suite], ours, info);
  return secret ? { outcome: 'opened', secret } : { outcome: 'tampered' };
}
