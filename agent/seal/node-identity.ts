/** A node's keys in memory. Secrets are private fields, so that no log or dump of the object shows them. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import nacl from 'tweetnacl';
import type { AgencyId } from '#agent/core/agency.ts';
import type { Card } from '#agent/core/card.ts';
import { hexText, type NodeId, parseNodeId } from '#agent/core/ids.ts';
import { type FeedDomain, type SigningDomain, signingBytes } from '#agent/core/signing.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import type { WrapPrivates } from './grant.ts';
import type { Identity } from './identity.ts';
import type { P384SignKey, SignSeed } from './key-types.ts';
import { signP384 } from './p384.ts';
import type { TlsIdentity } from './tls-certificate.ts';

export interface Secrets {
  readonly signSeed: SignSeed;
  readonly p384Sign: P384SignKey;
  readonly wrapPrivates: WrapPrivates;
  readonly tls: TlsIdentity;
}

export class NodeIdentity implements Identity {
  readonly card: Card;
  readonly #secretKey: Uint8Array;
  readonly #fastKey: KeyObject;
  readonly #p384Sign: P384SignKey;
  readonly #wrapPrivates: WrapPrivates;
  readonly #tls: TlsIdentity;

  constructor({ signSeed, p384Sign, wrapPrivates, tls }: Secrets, card: Card) {
    this.card = card;
    this.#secretKey = nacl.sign.keyPair.fromSeed(signSeed).secretKey;
    this.#fastKey = fastKey(signSeed, card.node);
    this.#p384Sign = p384Sign;
    this.#wrapPrivates = wrapPrivates;
    this.#tls = tls;
  }

  get node(): NodeId {
    return this.card.node;
  }

  get agency(): AgencyId {
    return this.card.agency;
  }

  get name(): string {
    return this.card.name;
  }

  get wrapPrivates(): WrapPrivates {
    return this.#wrapPrivates;
  }

  get tls(): TlsIdentity {
    return this.#tls;
  }

  sign(suite: SuiteName, domain: FeedDomain | 'audit', bytes: Uint8Array): Uint8Array {
    const signed = signingBytes(domain, bytes);
    if (suite === 'vn-civil') return signP384(this.#p384Sign, signed);
    return new Uint8Array(sign(null, signed, this.#fastKey));
  }

  signSlowly(domain: SigningDomain, bytes: Uint8Array): Uint8Array {
    return nacl.sign.detached(signingBytes(domain, bytes), this.#secretKey);
  }
}

/** The node whose signing seed this is. */
export const nodeOfSeed = (seed: SignSeed): NodeId =>
  parseNodeId(hexText(nacl.sign.keyPair.fromSeed(seed).publicKey));

function fastKey(seed: SignSeed, node: NodeId): KeyObject {
  const text = (bytes: Uint8Array) => bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
  const key = { kty: 'OKP', crv: 'Ed25519', d: text(seed), x: text(Uint8Array.fromHex(node)) };
  return createPrivateKey({ key, format: 'jwk' });
}
