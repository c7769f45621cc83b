/**
 * The words "this is all that I have written, as of now": an author signs its newest head again when it has grown old,
 * and others keep the younger one in the place of the older (R13). Nobody is woken for it: heads are asked for at every
 * look, so a hub with many agents has one small write for each author and term.
 */
import type { Agreement } from '#agent/core/agreement.ts';
import { isCode } from '#agent/core/errors.ts';
import { isRenewalDue, isYounger, renewMsOf } from '#agent/core/freshness.ts';
import { headSigned } from '#agent/core/head-codec.ts';
import type { Origin } from '#agent/core/ids.ts';
import type { Head } from '#agent/core/segment.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Identity } from '#agent/seal/identity.ts';

export interface RenewParts {
  readonly state: SpaceState;
  readonly origin: Origin;
  readonly agreement: Agreement;
  readonly identity: Pick<Identity, 'sign'>;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Signs this node's own head anew if it is due. `none`: there is nothing to sign yet. */
export function renewOwnHead(parts: RenewParts): Promise<'none' | 'young' | 'renewed'> {
  const { state, origin, agreement, identity, now } = parts;
  return state.exclusive(async () => {
    const head = await state.head(origin);
    if (!head) return 'none';
    if (!isRenewalDue(head.time, now, renewMsOf(agreement))) return 'young';
    const { signature: _, ...same } = head;
    const unsigned = { ...same, time: now };
    const batch = state.batch();
    const signature = identity.sign(agreement.suite, 'head', headSigned(unsigned));
    await batch.putHead({ ...unsigned, signature });
    await batch.commit();
    return 'renewed';
  });
}

/** Keeps those heads, verified already, that say more than the ones held of what is held. Returns how many. */
export async function keepHeads(state: SpaceState, heads: readonly Head[], now: number): Promise<number> {
  const newer: Head[] = [];
  for (const head of heads) if (await saysMore(state, head, now)) newer.push(head);
  if (newer.length === 0) return 0;
  return state
    .exclusive(async () => {
      const batch = state.batch();
      let kept = 0;
      for (const head of newer) {
        if (!(await saysMore(state, head, now))) continue;
        await batch.putHead(head);
        kept += 1;
      }
      await batch.commit();
      return kept;
    })
    .catch((error: unknown) => {
      // A later record came meanwhile, with a head of its own.
      if (isCode(error, 'FEED_MOVED')) return 0;
      throw error;
    });
}

/** Of the feed that is held: what names another history is for the exchange to find out. */
async function saysMore(state: SpaceState, head: Head, now: number): Promise<boolean> {
  const held = await state.head(head.origin);
  // Of what is held no head may be there: it named a number that is not taken any more.
  const end = held ?? (await state.position(head.origin));
  if (!end || head.seq !== end.seq || head.digest !== end.digest) return false;
  return isYounger(held?.time ?? 0, head.time, now);
}
