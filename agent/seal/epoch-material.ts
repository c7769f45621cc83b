/** What is kept of an epoch: the secret that its keys come from, or which key of the device for state secrets it uses. */
import { timingSafeEqual } from 'node:crypto';
import { type EpochSecret, epochSecret, keyLength } from './key-types.ts';
import { type CipherKeyName, checkLength } from './state-cipher.ts';

export type EpochMaterial = { readonly secret: EpochSecret } | { readonly device: CipherKeyName };

/** Undefined unless `value` holds one of the two, and just one. */
export function materialOf({ secret, device }: Readonly<Record<string, unknown>>): EpochMaterial | undefined {
  if (secret instanceof Uint8Array && device === undefined)
    return secret.length === keyLength ? { secret: epochSecret(secret) } : undefined;
  return secret === undefined && isKeyName(device)
    ? { device: { label: device.label, check: device.check } }
    : undefined;
}

function isKeyName(value: unknown): value is CipherKeyName {
  if (typeof value !== 'object' || value === null) return false;
  const { label, check } = value as Record<string, unknown>;
  return typeof label === 'string' && typeof check === 'string' && check.length === checkLength * 2;
}

export function sameMaterial(a: EpochMaterial, b: EpochMaterial): boolean {
  if ('secret' in a) return 'secret' in b && timingSafeEqual(a.secret, b.secret);
  return 'device' in b && a.device.label === b.device.label && a.device.check === b.device.check;
}
