/** Grants: an epoch's secret wrapped to exactly the readers that the agreement names. */
import type { Agreement, Member } from '#agent/core/agreement.ts';
import { readersOf } from '#agent/core/agreement-policy.ts';
import { bytesOf, type NodeId, type Origin, type SpaceId } from '#agent/core/ids.ts';
import type { Grant, GrantRecord } from '#agent/core/record.ts';
import { type EpochKeys, originBytes, secretLength, u32 } from './epoch.ts';
import { suiteNamed, suites } from './suite.ts';

/** What a grant is bound to, so that it cannot be moved to another space, origin, epoch or label. */
function grantInfo(space: SpaceId, origin: Origin, epoch: number, labelClass: string): Uint8Array {
  const place = [bytesOf(space), originBytes(origin), u32(epoch)];
  return Buffer.concat([Buffer.from('dongbo/v1/grant'), ...place, Buffer.from(labelClass)]);
}

/** Wraps the epoch to its readers at `now`, in the order of the agreement. */
export async function makeGrants(agreement: Agreement, keys: EpochKeys, now: number): Promise<GrantRecord> {
  const { space, origin, epoch, labelClass } = keys;
  const suite = suites[agreement.suite];
  const info = grantInfo(space, origin, epoch, labelClass);
  const wrapTo = async ({ card }: Member): Promise<Grant> => ({
    node: card.node,
    ...(await suite.wrap(bytesOf(card.wrapKey), keys.secret, info)),
  });
  const grants: Grant[] = [];
  for (const member of readersOf(agreement, origin.node, labelClass, now)) grants.push(await wrapTo(member));
  return { type: 'grant', epoch, labelClass, suite: suite.name, grants };
}

export type OpenedGrant =
  | { readonly outcome: 'opened'; readonly secret: Uint8Array }
  | { readonly outcome: 'not-for-us' }
  | { readonly outcome: 'tampered' };

/** Opens our own grant in a record of `origin`'s feed. */
export async function openGrant(
  space: SpaceId,
  origin: Origin,
  record: GrantRecord,
  reader: { readonly node: NodeId; readonly wrapPrivate: Uint8Array },
): Promise<OpenedGrant> {
  const ours = record.grants.find((grant) => grant.node === reader.node);
  if (!ours) return { outcome: 'not-for-us' };
  const info = grantInfo(space, origin, record.epoch, record.labelClass);
  const secret = await suiteNamed(record.suite)?.unwrap(reader.wrapPrivate, ours, info);
  if (secret?.length !== secretLength) return { outcome: 'tampered' };
  return { outcome: 'opened', secret };
}
