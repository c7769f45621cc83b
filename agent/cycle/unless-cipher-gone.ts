/** A device for state secrets may go away at any call: the item at hand waits for it, and the others go on. */
import { DongboError } from '#agent/core/errors.ts';

export const isCipherFault = (error: unknown): error is DongboError =>
  error instanceof DongboError && (error.code.startsWith('CIPHER_') || error.code.startsWith('SECRET_'));

/** Runs `read`, and what it returns to settle the item; `later` is called instead when the device fails in either. */
export async function unlessCipherGone(
  read: () => Promise<(() => Promise<void>) | undefined>,
  later: () => void,
): Promise<(() => Promise<void>) | undefined> {
  try {
    const settle = await read();
    return settle && (() => settle().catch((error) => orLater(error, later)));
  } catch (error) {
    orLater(error, later);
    return undefined;
  }
}

function orLater(error: unknown, later: () => void): void {
  if (!isCipherFault(error)) throw error;
  later();
}

/** Undefined when it needs a device for state secrets that cannot be used now: everything else goes on. */
export async function unlessAway<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isCipherFault(error)) throw error;
    return undefined;
  }
}
