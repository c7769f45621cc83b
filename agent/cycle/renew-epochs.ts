/** Before a look: new epochs for the label classes whose readers changed, or that a rotation is due for. */
import type { Agreement } from '#agent/core/agreement.ts';
import type { Origin } from '#agent/core/ids.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type { RotationCause } from '#agent/seal/keyring-parts.ts';
import type { Publisher } from './publisher.ts';
import { unlessAway } from './unless-cipher-gone.ts';
import type { Rotated, RotationRequest, Rotations } from './rotations.ts';

export interface RenewParts {
  readonly agreement: Agreement;
  readonly origin: Origin;
  readonly keyring: Pick<Keyring, 'classes' | 'currentEpoch' | 'rotate'>;
  readonly publisher: Pick<Publisher, 'me' | 'open' | 'flush'>;
  /** Told of a class of state secrets whose device is away: its rotation waits for it. */
  readonly owes: (labelClass: string, cause: RotationCause) => void;
}

/** The grants are in the feed when this returns: who may no longer read is left out before the next item is sealed. */
export async function renewEpochs(parts: RenewParts & { readonly rotations: Rotations }): Promise<void> {
  const { agreement, origin, keyring, publisher, rotations } = parts;
  if (!publisher.me.publishes) return rotations.run(async () => []);
  for (const labelClass of await keyring.classes(agreement.space, origin))
    await unlessAway(() => publisher.open(labelClass));
  await publisher.flush();
  await rotations.run((request) => rotateEpochs(parts, request));
}

/** A new epoch for each class of the request; their grants are in the feed when this returns. */
export async function rotateEpochs(parts: RenewParts, request: RotationRequest): Promise<readonly Rotated[]> {
  const { agreement, origin, keyring, publisher, owes } = parts;
  const { space } = agreement;
  const { cause } = request;
  const rotated: Rotated[] = [];
  for (const labelClass of await keyring.classes(space, origin)) {
    if (request.labelClass !== undefined && labelClass !== request.labelClass) continue;
    const before = (await keyring.currentEpoch(space, origin, labelClass)) ?? 0;
    const rotate = () => keyring.rotate(agreement, origin, labelClass, cause);
    // Who asks for just this class is told why it cannot be.
    const current = request.labelClass === undefined ? await unlessAway(rotate) : await rotate();
    if (!current) {
      owes(labelClass, cause);
      continue;
    }
    await publisher.open(labelClass);
    rotated.push({ labelClass, before, epoch: current.keys.epoch });
  }
  await publisher.flush();
  return rotated;
}
