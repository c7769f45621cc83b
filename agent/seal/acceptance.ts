/** This node's signed word that it has accepted an agreement, kept beside it in one file. */
import { z } from 'zod';
import { type Agreement, agreementDigest, parseAgreement } from '#agent/core/agreement.ts';
import { encode } from '#agent/core/codec.ts';
import { DongboError } from '#agent/core/errors.ts';
import { bytesOf, type Digest, hexText, type NodeId, parseDigest, parseNodeId } from '#agent/core/ids.ts';
import { parseWith } from '#agent/core/schema-error.ts';
import { hexField, instant } from '#agent/core/trust-fields.ts';
import type { Identity } from './identity.ts';
import { verifySignature } from './verify.ts';

export interface Acceptance {
  readonly node: NodeId;
  readonly digest: Digest;
  /** ISO 8601, UTC. */
  readonly accepted: string;
  /** Ed25519 by `node` over `signingBytes('acceptance', …)`, hex. */
  readonly signature: string;
}

const schema = z.strictObject({
  agreement: z.unknown(),
  acceptance: z.strictObject({
    node: hexField(32).transform(parseNodeId),
    digest: hexField(32).transform(parseDigest),
    accepted: instant,
    signature: hexField(64),
  }),
});

/** Canonical bytes of an acceptance. */
const acceptanceSigned = ({ node, digest, accepted }: Omit<Acceptance, 'signature'>): Uint8Array =>
  encode({ node, digest, accepted });

/** The text of the file that keeps an agreement and our acceptance of it. `now`: milliseconds since the epoch. */
export function acceptedText(agreement: Agreement, identity: Identity, now: number): string {
  const unsigned = {
    node: identity.node,
    digest: agreementDigest(agreement),
    accepted: new Date(now).toISOString(),
  };
  const signature = hexText(identity.signSlowly('acceptance', acceptanceSigned(unsigned)));
  return `${JSON.stringify({ agreement, acceptance: { ...unsigned, signature } }, undefined, 2)}\n`;
}

/** Throws AGREEMENT_MALFORMED when the file is damaged, AGREEMENT_NOT_ACCEPTED when `node` has not signed it. */
export function parseAccepted(json: unknown, node: NodeId): Agreement {
  const { agreement, acceptance } = parseWith(schema, json, 'AGREEMENT_MALFORMED', { requirement: 'R12' });
  const parsed = parseAgreement(agreement);
  const signature = bytesOf(acceptance.signature);
  const ours =
    acceptance.digest === agreementDigest(parsed) &&
    verifySignature(node, 'acceptance', acceptanceSigned(acceptance), signature);
  if (!ours) throw new DongboError('AGREEMENT_NOT_ACCEPTED', { name: parsed.name, space: parsed.space });
  return parsed;
}
