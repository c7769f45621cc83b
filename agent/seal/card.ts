/** Signing and checking cards. Signed with tweetnacl (human pace); checked with node:crypto, thousands at a time. */
import nacl from 'tweetnacl';
import { type Card, cardSigned, parseCard, type UnsignedCard } from '#agent/core/card.ts';
import { DongboError } from '#agent/core/errors.ts';
import { bytesOf, hexText } from '#agent/core/ids.ts';
import { signingBytes } from '#agent/core/signing.ts';
import { isP384Point } from './p384.ts';
import { certificateFault } from './tls-certificate.ts';
import { verifySignature } from './verify.ts';

/** `secretKey`: tweetnacl's 64 bytes, of the node on the card. Throws CARD_MALFORMED. */
export function signCard(card: UnsignedCard, secretKey: Uint8Array): Card {
  const signature = nacl.sign.detached(signingBytes('card', cardSigned(card)), secretKey);
  return parseCard({ ...card, signature: hexText(signature) });
}

/** Throws CARD_BAD_SIGNATURE, CARD_BAD_SIGN_KEY or CARD_BAD_CERTIFICATE. */
export function verifyCard(card: Card): void {
  const { agency, node } = card;
  if (!verifySignature(node, 'card', cardSigned(card), bytesOf(card.signature))) {
    throw new DongboError('CARD_BAD_SIGNATURE', { agency, node });
  }
  if (!isP384Point(card.p384SignKey)) throw new DongboError('CARD_BAD_SIGN_KEY', { agency, node });
  const rule = certificateFault(card.tlsCertificate, agency, node);
  if (rule) throw new DongboError('CARD_BAD_CERTIFICATE', { agency, node, rule });
}
