/**
 * Rotations that were asked for. They wait for the next look of their space: between two looks nothing is half sealed,
 * so no record of an old epoch comes after the grant of the new one.
 */
import { DongboError } from '#agent/core/errors.ts';
import type { RotationCause } from '#agent/seal/keyring-parts.ts';
import { isCipherFault } from './unless-cipher-gone.ts';

export interface RotationRequest {
  readonly cause: RotationCause;
  /** Every class of this node's when absent. */
  readonly labelClass?: string;
}

/** One label class, from epoch `before` to `epoch`. */
export interface Rotated {
  readonly labelClass: string;
  readonly before: number;
  readonly epoch: number;
}

interface Waiting {
  readonly request: RotationRequest;
  readonly resolve: (rotated: readonly Rotated[]) => void;
  readonly reject: (error: unknown) => void;
}

const maxWaiting = 16;

export class Rotations {
  #waiting: Waiting[] = [];

  /** Resolves when it is done. Throws KEYS_BUSY. */
  ask(request: RotationRequest): Promise<readonly Rotated[]> {
    if (this.#waiting.length >= maxWaiting) throw new DongboError('KEYS_BUSY', { waiting: maxWaiting });
    const { promise, resolve, reject } = Promise.withResolvers<readonly Rotated[]>();
    this.#waiting.push({ request, resolve, reject });
    return promise;
  }

  /**
   * Carries out what waits, one after the other. Throws what `rotate` throws, after whoever asked was told; that a
   * device is away is for them alone.
   */
  async run(rotate: (request: RotationRequest) => Promise<readonly Rotated[]>): Promise<void> {
    for (const { request, resolve, reject } of this.#waiting.splice(0)) {
      try {
        resolve(await rotate(request));
      } catch (error) {
        reject(error);
        if (!isCipherFault(error)) throw error;
      }
    }
  }
}
