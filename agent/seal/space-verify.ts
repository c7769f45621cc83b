/** Whose signature counts in a space: that of a member, by the key on its card that the suite of the space names. */
import { type Agreement, memberOf } from '#agent/core/agreement.ts';
import { suites } from './suite.ts';
import type { Verify } from './verify.ts';

/** Checks segments, heads and receipts of the space. What it gives never throws. */
export function verifierOf(agreement: Agreement): Verify {
  const suite = suites[agreement.suite];
  return (node, domain, bytes, signature) => {
    const member = memberOf(agreement, node);
    return member !== undefined && suite.verify(member.card, domain, bytes, signature);
  };
}
