/** One thing that a peer refuses for its form must not hold up the others: it is found by halving, and set aside. */
import { type DongboError, isCode } from '#agent/core/errors.ts';

const ofForm = ['BODY_MALFORMED', 'BODY_TOO_LARGE', 'SEGMENT_REFUSED'];
/** Of refusals without a code of ours, by a proxy say: what was sent is not right, or too large. */
const statuses = [400, 413, 422];

/** Whether the refusal is about what was sent, and no later moment will change that. */
export const isOfForm = (error: unknown): error is DongboError =>
  ofForm.some((code) => isCode(error, code)) ||
  (isCode(error, 'PEER_REFUSED') && statuses.some((status) => error.details.status === status));

/** A peer that refuses so many one by one refuses something else than them. */
const mostRefused = 8;

/**
 * Sends `things`, and where the peer refuses them for their form, each half by itself. What is refused alone is handed to
 * `setAside`, and the rest is sent. Throws the refusal when nothing is left that the peer takes of several.
 */
export async function isolating<T>(
  things: readonly T[],
  send: (some: readonly T[]) => Promise<void>,
  setAside: (one: T, why: DongboError) => Promise<void>,
): Promise<void> {
  let taken = 0;
  const refused: { readonly one: T; readonly why: DongboError }[] = [];
  const go = async (some: readonly T[]): Promise<void> => {
    const [one] = some;
    if (one === undefined) return;
    try {
      await send(some);
      taken += some.length;
    } catch (error) {
      if (!isOfForm(error)) throw error;
      if (taken === 0 && refused.length >= mostRefused) throw error;
      if (some.length === 1) return void refused.push({ one, why: error });
      const half = Math.ceil(some.length / 2);
      await go(some.slice(0, half));
      await go(some.slice(half));
    }
  };
  await go(things);
  for (const { one, why } of refused) await setAside(one, why);
}
