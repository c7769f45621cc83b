/** Before a look: new epochs for the label classes whose readers changed, or that a rotation is due for. */
import type { Agreement } from '#agent/core/agreement.ts';
import type { Origin } from '#agent/core/ids.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type { Publisher } from './publisher.ts';
import type { Rotated, RotationRequest, Rotations } from './rotations.ts';

export interface RenewParts {
  readonly agreement: Agreement;
  readonly origin: Origin;
  readonly keyring: Pick<Keyring, 'classes' | 'currentEpoch' | 'rotate'>;
  readonly publisher: Pick<Publisher, 'me' | 'open' | 'flush'>;
}

/** The grants are in the feed when this returns: who may no longer read is left out before the next item is sealed. */
export async function renewEpochs(parts: RenewParts & { readonly rotations: Rotations }): Promise<void> {
  const { agreement, origin, keyring, publisher, rotations } = parts;
  if (!publisher.me.publishes) return rotations.run(async () => []);
  for (const labelClass of await keyring.classes(agreement.space, origin)) await publisher.open(labelClass);
  await publisher.flush();
  await rotations.run((request) => rotateEpochs(parts, request));
}

/** A new epoch for each class of the request; their grants are in the feed when this returns. */
export async function rotateEpochs(parts: RenewParts, request: RotationRequest): Promise<readonly Rotated[]> {
  const { agreement, origin, keyring, publisher } = parts;
  const { space } = agreement;
  const rotated: Rotated[] = [];
  for (const labelClass of await keyring.classes(space, origin)) {
    if (request.labelClass !== undefined && labelClass !== request.labelClass) continue;
    const before = (await keyring.currentEpoch(space, origin, labelClass)) ?? 0;
    const { keys } = await keyring.rotate(agreement, origin, labelClass, request.cause);
    await publisher.open(labelClass);
    rotated.push({ labelClass, before, epoch: keys.epoch });
  }
  await publisher.flush();
  return rotated;
}
