/** Making and loading a node's identity. It is made once and never made again silently (R19: one key, one purpose). */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import nacl from 'tweetnacl';
import { type AgencyId, parseAgencyId } from '#agent/core/agency.ts';
import { type Card, parseCard } from '#agent/core/card.ts';
import { bytesOf, hexText, type NodeId } from '#agent/core/ids.ts';
import type { SigningDomain } from '#agent/core/signing.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Random } from '#agent/sys/random.ts';
import { signCard, verifyCard } from './card.ts';
import { damaged, type KeyTexts, readKeyFiles, writeKeyFiles } from './key-files.ts';
import { NodeIdentity, nodeOfSeed, type Secrets } from './node-identity.ts';
import { suites } from './suite.ts';
import { makeTlsIdentity, type TlsIdentity } from './tls-certificate.ts';

export interface Identity {
  readonly node: NodeId;
  readonly agency: AgencyId;
  readonly name: string;
  /** The card made with the keys; the same for life, so that its fingerprint is too. */
  readonly card: Card;
  /** X-Wing private key, 32 bytes. */
  readonly wrapPrivate: Uint8Array;
  readonly tls: TlsIdentity;
  /** Ed25519 by node:crypto: the hot path (segments, heads, receipts). */
  sign(domain: SigningDomain, bytes: Uint8Array): Uint8Array;
  /** The same signature by tweetnacl, about 5 ms: agreements and acceptances. */
  signSlowly(domain: SigningDomain, bytes: Uint8Array): Uint8Array;
}

const suite = suites['nacl-pq'];

/**
 * Makes keys and card and writes them to `dir`, which must exist.
 * Throws AGENCY_MALFORMED, CARD_MALFORMED (bad name), IDENTITY_EXISTS.
 */
export async function createIdentity(
  dir: string,
  owner: { readonly agency: string; readonly name: string },
  { random, clock }: { readonly random: Random; readonly clock: Clock },
): Promise<Identity> {
  const agency = parseAgencyId(owner.agency).id;
  const signSeed = random.bytes(nacl.sign.seedLength);
  const node = nodeOfSeed(signSeed);
  const { wrapPublic, wrapPrivate } = await suite.keyPair(random.bytes(32));
  const tls = await makeTlsIdentity({ agency, node }, { random, clock });
  const unsigned = {
    version: 1,
    agency,
    name: owner.name.normalize('NFC'),
    node,
    wrapKey: hexText(wrapPublic),
    tlsCertificate: tls.cert,
    created: new Date(clock.now()).toISOString(),
  } as const;
  const card = signCard(unsigned, nacl.sign.keyPair.fromSeed(signSeed).secretKey);
  await writeKeyFiles(dir, textsOf({ signSeed, wrapPrivate, tls }, card));
  return new NodeIdentity({ signSeed, wrapPrivate, tls }, card);
}

const textsOf = ({ signSeed, wrapPrivate, tls }: Secrets, card: Card): KeyTexts => ({
  'sign.key': `${hexText(signSeed)}\n`,
  'wrap.key': `${hexText(wrapPrivate)}\n`,
  'tls.key': tls.key,
  'tls.crt': tls.cert,
  'card.json': `${JSON.stringify(card, undefined, 2)}\n`,
});

/**
 * Loads the identity and checks that its parts belong together.
 * Throws IDENTITY_MISSING, IDENTITY_PERMISSIONS, IDENTITY_UNREADABLE, IDENTITY_DAMAGED (naming the file).
 */
export async function loadIdentity(dir: string): Promise<Identity> {
  const texts = await readKeyFiles(dir);
  const card = ownCard(dir, texts['card.json']);
  const signSeed = secretOf(dir, 'sign.key', texts['sign.key']);
  if (nodeOfSeed(signSeed) !== card.node) throw damaged(dir, 'sign.key', 'not the key on the card');
  const wrapPrivate = secretOf(dir, 'wrap.key', texts['wrap.key']);
  if (!(await opensOwnGrants(card, wrapPrivate))) throw damaged(dir, 'wrap.key', 'not the key on the card');
  const tls = { key: texts['tls.key'], cert: texts['tls.crt'] };
  if (tls.cert !== card.tlsCertificate) throw damaged(dir, 'tls.crt', 'not the certificate on the card');
  if (!belongs(tls)) throw damaged(dir, 'tls.key', 'not the key of the certificate');
  return new NodeIdentity({ signSeed, wrapPrivate, tls }, card);
}

function ownCard(dir: string, text: string): Card {
  try {
    const card = parseCard(JSON.parse(text));
    verifyCard(card);
    return card;
  } catch {
    throw damaged(dir, 'card.json', 'no valid card');
  }
}

function secretOf(dir: string, file: 'sign.key' | 'wrap.key', text: string): Uint8Array {
  const hex = /^([0-9a-f]{64})\n?$/.exec(text)?.[1];
  if (!hex) throw damaged(dir, file, '64 lower-case hex digits');
  return bytesOf(hex);
}

async function opensOwnGrants(card: Card, wrapPrivate: Uint8Array): Promise<boolean> {
  const info = new TextEncoder().encode('dongbo/v1/self-check');
  const wrapped = await suite.wrap(bytesOf(card.wrapKey), info, info);
  return (await suite.unwrap(wrapPrivate, wrapped, info)) !== undefined;
}

function belongs(tls: Secrets['tls']): boolean {
  try {
    return new X509Certificate(tls.cert).checkPrivateKey(createPrivateKey(tls.key));
  } catch {
    return false;
  }
}
