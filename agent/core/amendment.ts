/** An amendment: the next revision of an agreement, chained to the one before by its digest. */
import { type Agreement, agreementDigest } from './agreement.ts';
import type { Details } from './errors.ts';

export interface AmendmentFault extends Details {
  readonly code: 'AGREEMENT_OLDER' | 'AGREEMENT_CHANGED';
  readonly held: number;
  readonly revision: number;
}

/**
 * Why `next` does not follow on `held`; undefined when it does. Both are of one space. Revisions may lie between: a
 * member that was away, or had left, takes the one that names it, and the chain shows what that rests on.
 */
export function amendmentFault(held: Agreement, next: Agreement): AmendmentFault | undefined {
  const numbers = { held: held.revision, revision: next.revision };
  if (held.previous.includes(agreementDigest(next))) return { code: 'AGREEMENT_OLDER', ...numbers };
  const chain = [...held.previous, agreementDigest(held)];
  // The number follows from the length of the chain (`brokenRule`).
  const follows =
    next.owner === held.owner &&
    next.suite === held.suite &&
    next.masterOwner === held.masterOwner &&
    chain.every((digest, i) => next.previous[i] === digest);
  return follows ? undefined : { code: 'AGREEMENT_CHANGED', ...numbers };
}

/** The unsigned next revision. */
export function nextRevision(held: Agreement): Omit<Agreement, 'signature'> {
  const { signature: _, ...agreed } = held;
  return { ...agreed, revision: held.revision + 1, previous: [...held.previous, agreementDigest(held)] };
}

/** The digests that feeds of a space may carry: of the revision in force, and of those before it. */
export const agreedDigests = (a: Agreement): ReadonlySet<string> =>
  new Set([...a.previous, agreementDigest(a)]);
