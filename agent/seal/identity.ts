/** Making and loading a node's identity. It is made once and never made again silently (R19: one key, one purpose). */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import nacl from 'tweetnacl';
import { type AgencyId, parseAgencyId } from '#agent/core/agency.ts';
import { type Card, parseCard } from '#agent/core/card.ts';
import { bytesOf, hexText, type NodeId } from '#agent/core/ids.ts';
import type { FeedDomain, SigningDomain } from '#agent/core/signing.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Random } from '#agent/sys/random.ts';
import { signCard, verifyCard } from './card.ts';
import type { WrapPrivates } from './grant.ts';
import { damaged, type KeyFile, type KeyTexts, readKeyFiles, writeKeyFiles } from './key-files.ts';
import { epochSecret, keyLength, signSeed, type WrapPrivate, wrapPrivate } from './key-types.ts';
import { NodeIdentity, nodeOfSeed, type Secrets } from './node-identity.ts';
import { makeP384SignKey, p384Pem, p384PublicOf, parseP384Pem } from './p384.ts';
import { type Suite, suites } from './suite.ts';
import { makeTlsIdentity, type TlsIdentity } from './tls-certificate.ts';

export interface Identity {
  readonly node: NodeId;
  readonly agency: AgencyId;
  readonly name: string;
  /** The card made with the keys; the same for life, so that its fingerprint is too. */
  readonly card: Card;
  readonly wrapPrivates: WrapPrivates;
  readonly tls: TlsIdentity;
  /** By node:crypto, the hot path: Ed25519, or ECDSA P-384 for `vn-civil`. */
  sign(suite: SuiteName, domain: FeedDomain | 'audit', bytes: Uint8Array): Uint8Array;
  /** Ed25519 by tweetnacl, about 5 ms: agreements and acceptances. */
  signSlowly(domain: SigningDomain, bytes: Uint8Array): Uint8Array;
}

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
  const seed = signSeed(random.bytes(keyLength));
  const node = nodeOfSeed(seed);
  const p384Sign = makeP384SignKey();
  const pairOf = (suite: Suite) => suite.keyPair(random.bytes(suite.seedLength));
  const [naclPq, vnCivil] = [await pairOf(suites['nacl-pq']), await pairOf(suites['vn-civil'])];
  const tls = await makeTlsIdentity({ agency, node }, { random, clock });
  const unsigned = {
    version: 1,
    agency,
    name: owner.name.normalize('NFC'),
    node,
    wrapKey: hexText(naclPq.wrapPublic),
    p384SignKey: p384PublicOf(p384Sign),
    p384WrapKey: hexText(vnCivil.wrapPublic),
    tlsCertificate: tls.cert,
    created: new Date(clock.now()).toISOString(),
  } as const;
  const card = signCard(unsigned, nacl.sign.keyPair.fromSeed(seed).secretKey);
  const wrapPrivates = { 'nacl-pq': naclPq.wrapPrivate, 'vn-civil': vnCivil.wrapPrivate };
  const secrets = { signSeed: seed, p384Sign, wrapPrivates, tls };
  await writeKeyFiles(dir, textsOf(secrets, card));
  return new NodeIdentity(secrets, card);
}

const textsOf = ({ signSeed, p384Sign, wrapPrivates, tls }: Secrets, card: Card): KeyTexts => ({
  'sign.key': `${hexText(signSeed)}\n`,
  'wrap.key': `${hexText(wrapPrivates['nacl-pq'])}\n`,
  'p384-sign.key': p384Pem(p384Sign),
  'p384-wrap.key': `${hexText(wrapPrivates['vn-civil'])}\n`,
  'tls.key': tls.key,
  'tls.crt': tls.cert,
  'card.json': `${JSON.stringify(card, undefined, 2)}\n`,
});

const notOnCard = 'not the key on the card';

/**
 * Loads the identity and checks that its parts belong together.
 * Throws IDENTITY_MISSING, IDENTITY_PERMISSIONS, IDENTITY_UNREADABLE, IDENTITY_DAMAGED (naming the file).
 */
export async function loadIdentity(dir: string): Promise<Identity> {
  const texts = await readKeyFiles(dir);
  const card = ownCard(dir, texts['card.json']);
  const seed = signSeed(secretOf(dir, 'sign.key', texts['sign.key'], keyLength));
  if (nodeOfSeed(seed) !== card.node) throw damaged(dir, 'sign.key', notOnCard);
  const p384Sign = parseP384Pem(texts['p384-sign.key']);
  if (!p384Sign) throw damaged(dir, 'p384-sign.key', 'a P-384 private key, PKCS#8 PEM');
  if (p384PublicOf(p384Sign) !== card.p384SignKey) throw damaged(dir, 'p384-sign.key', notOnCard);
  const wrapPrivates = {
    'nacl-pq': await ownWrapKey(dir, card, 'nacl-pq', texts),
    'vn-civil': await ownWrapKey(dir, card, 'vn-civil', texts),
  };
  const tls = { key: texts['tls.key'], cert: texts['tls.crt'] };
  if (tls.cert !== card.tlsCertificate) throw damaged(dir, 'tls.crt', 'not the certificate on the card');
  if (!belongs(tls)) throw damaged(dir, 'tls.key', 'not the key of the certificate');
  return new NodeIdentity({ signSeed: seed, p384Sign, wrapPrivates, tls }, card);
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

function secretOf(dir: string, file: KeyFile, text: string, length: number): Uint8Array {
  const hex = /^([0-9a-f]+)\n?$/.exec(text)?.[1];
  if (hex?.length !== 2 * length) throw damaged(dir, file, `${2 * length} lower-case hex digits`);
  return bytesOf(hex);
}

const wrapFiles = { 'nacl-pq': 'wrap.key', 'vn-civil': 'p384-wrap.key' } as const;

async function ownWrapKey(dir: string, card: Card, name: SuiteName, texts: KeyTexts): Promise<WrapPrivate> {
  const [suite, file] = [suites[name], wrapFiles[name]];
  const key = wrapPrivate(secretOf(dir, file, texts[file], suite.wrapPrivateLength));
  if (!(await opensOwnGrants(card, suite, key))) throw damaged(dir, file, notOnCard);
  return key;
}

async function opensOwnGrants(card: Card, suite: Suite, key: WrapPrivate): Promise<boolean> {
  const info = new TextEncoder().encode('dongbo/v1/self-check');
  const secret = epochSecret(new Uint8Array(keyLength));
  const wrapped = await suite.wrap(suite.wrapKeyOf(card), secret, info);
  return (await suite.unwrap(key, wrapped, info)) !== undefined;
}

function belongs(tls: Secrets['tls']): boolean {
  try {
    return new X509Certificate(tls.cert).checkPrivateKey(createPrivateKey(tls.key));
  } catch {
    return false;
  }
}
