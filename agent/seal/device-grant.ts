/**
 * The grant of an epoch of state secrets. It wraps nothing: the key is in the readers' devices already, and the grant
 * says which one it is. `enc` is the label of the key in UTF-8, `sealed` its check value.
 */
import { readersOf } from '#agent/core/agreement-policy.ts';
import type { Agreement } from '#agent/core/agreement.ts';
import type { NodeId } from '#agent/core/ids.ts';
import type { Grant, GrantRecord } from '#agent/core/record.ts';
import type { DeviceKeys } from './device-keys.ts';
import { type CipherKeyName, checkLength } from './state-cipher.ts';

/** In the place of a suite's name. */
export const deviceSuite = 'state-cipher';
const maxLabelBytes = 255;

export function makeDeviceGrants(agreement: Agreement, keys: DeviceKeys, now: number): GrantRecord {
  const { origin, epoch, labelClass, form, device } = keys;
  const enc = new TextEncoder().encode(device.label);
  const sealed = Uint8Array.fromHex(device.check);
  const readers = readersOf(agreement, origin.node, labelClass, now);
  const grants = readers.map(({ card }): Grant => ({ node: card.node, enc, sealed }));
  const shown = form === 'padme' ? {} : { form };
  return { type: 'grant', epoch, labelClass, suite: deviceSuite, ...shown, grants };
}

export type OpenedDeviceGrant =
  | { readonly outcome: 'opened'; readonly device: CipherKeyName }
  | { readonly outcome: 'not-for-us' }
  | { readonly outcome: 'tampered' };

export function openDeviceGrant({ grants }: GrantRecord, reader: NodeId): OpenedDeviceGrant {
  const ours = grants.find(({ node }) => node === reader);
  if (!ours) return { outcome: 'not-for-us' };
  if (ours.sealed.length !== checkLength || ours.enc.length > maxLabelBytes) return { outcome: 'tampered' };
  try {
    const label = new TextDecoder('utf-8', { fatal: true }).decode(ours.enc);
    return { outcome: 'opened', device: { label, check: ours.sealed.toHex() } };
  } catch {
    return { outcome: 'tampered' };
  }
}
