/** A device for state secrets may go away at any call. What needs it waits then; it is no fault of the item or the peer. */
import { isCode } from '#agent/core/errors.ts';

export const away = Symbol('away');

export function orAway<T>(work: () => T): T | typeof away {
  try {
    return work();
  } catch (error) {
    if (!isCode(error, 'CIPHER_DEVICE_GONE')) throw error;
    return away;
  }
}
