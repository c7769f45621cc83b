/** A node's public card: what agencies exchange by hand, and read out its fingerprint over the telephone. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type AgencyId, parseAgencyId } from './agency.ts';
import { encode } from './codec.ts';
import { type NodeId, parseNodeId } from './ids.ts';
import { parseWith } from './schema-error.ts';
import { ruled } from './schema-rule.ts';
import { displayName, hexField, instant } from './trust-fields.ts';

export interface Card {
  readonly version: 1;
  /** Agency e-ID, the common name of the TLS certificate too. */
  readonly agency: AgencyId;
  readonly name: string;
  readonly node: NodeId;
  /** HPKE public key MLKEM768-X25519 (X-Wing), 1216 bytes in hex: epochs are granted to it. */
  readonly wrapKey: string;
  /** ECDSA P-384 public key, an uncompressed point of 97 bytes in hex: signs feeds of `vn-civil` spaces. */
  readonly p384SignKey: string;
  /** HPKE public key DHKEM(P-384, HKDF-SHA384), as `p384SignKey`: epochs of `vn-civil` spaces are granted to it. */
  readonly p384WrapKey: string;
  /** One self-signed certificate, PEM as node:crypto writes it. */
  readonly tlsCertificate: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  /** Ed25519 by `node` over `signingBytes('card', cardSigned(card))`, hex. */
  readonly signature: string;
}

export type UnsignedCard = Omit<Card, 'signature'>;

export const wrapKeyBytes = 1216;
const p384PointBytes = 97;

const maxPem = 4096;
const pem = /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n$/;

export const cardSchema = z.strictObject({
  version: z.literal(1),
  agency: z.string().transform((value, context) => {
    const id = agencyOf(value);
    if (!id) context.addIssue({ code: 'custom', ...ruled('agency-id') });
    return id ?? z.NEVER;
  }),
  name: displayName,
  node: hexField(32).transform(parseNodeId),
  wrapKey: hexField(wrapKeyBytes),
  p384SignKey: hexField(p384PointBytes),
  p384WrapKey: hexField(p384PointBytes),
  tlsCertificate: z
    .string()
    .max(maxPem)
    .refine((text) => pem.test(text), ruled('pem')),
  created: instant,
  signature: hexField(64),
});

/** On a card only the form in force is allowed: the same agency must not have two spellings. */
function agencyOf(value: string): AgencyId | undefined {
  try {
    const { id } = parseAgencyId(value);
    return id === value ? id : undefined;
  } catch {
    return undefined;
  }
}

/** Checks the form only; `verifyCard` in `seal/card.ts` checks the signature. Throws CARD_MALFORMED naming the field. */
export const parseCard = (json: unknown): Card => parseWith(cardSchema, json, 'CARD_MALFORMED');

/** The canonical bytes that the node signs. */
export function cardSigned(card: UnsignedCard): Uint8Array {
  const { version, agency, name, node, wrapKey, p384SignKey, p384WrapKey, tlsCertificate, created } = card;
  return encode({ version, agency, name, node, wrapKey, p384SignKey, p384WrapKey, tlsCertificate, created });
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const groups = 5;
const groupLength = 4;

/** First 100 bits of SHA-256 over signed bytes and signature: five groups of four, Crockford's base 32. */
export function cardFingerprint(card: Card): string {
  const hash = createHash('sha256').update(cardSigned(card)).update(card.signature, 'hex').digest();
  let bits = BigInt(`0x${hash.toString('hex')}`) >> BigInt(256 - groups * groupLength * 5);
  let text = '';
  for (let i = 0; i < groups * groupLength; i++) {
    const between = i > 0 && i % groupLength === 0 ? '-' : '';
    text = `${crockford[Number(bits & 31n)]}${between}${text}`;
    bits >>= 5n;
  }
  return text;
}

/** Whether a fingerprint as heard or typed is this one: case, blanks, dashes and O/0, I/L/1 do not matter. */
export const sameFingerprint = (typed: string, real: string): boolean => plain(typed) === plain(real);

const plain = (text: string): string =>
  text
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
