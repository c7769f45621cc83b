/** A node's keys in memory. Secrets are private fields, so that no log or dump of the object shows them. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import nacl from 'tweetnacl';
import type { AgencyId } from '#agent/core/agency.ts';
import type { Card } from '#agent/core/card.ts';
import { hexText, type NodeId, parseNodeId } from '#agent/core/ids.ts';
import { type SigningDomain, signingBytes } from '#agent/core/signing.ts';
import type { Identity } from './identity.ts';
import type { TlsIdentity } from './tls-certificate.ts';

export interface Secrets {
  /** Ed25519 seed, 32 bytes (RFC 8032). */
  readonly signSeed: Uint8Array;
  readonly wrapPrivate: Uint8Array;
  readonly tls: TlsIdentity;
}

export class NodeIdentity implements Identity {
  readonly card: Card;
  readonly #secretKey: Uint8Array;
  readonly #fastKey: KeyObject;
  readonly #wrapPrivate: Uint8Array;
  readonly #tls: TlsIdentity;

  constructor({ signSeed, wrapPrivate, tls }: Secrets, card: Card) {
    this.card = card;
    this.#secretKey = nacl.sign.keyPair.fromSeed(signSeed).secretKey;
    this.#fastKey = fastKey(signSeed, card.node);
    this.#wrapPrivate = wrapPrivate;
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

  get wrapPrivate(): Uint8Array {
    return this.#wrapPrivate;
  }

  get tls(): TlsIdentity {
    return this.#tls;
  }

  sign(domain: SigningDomain, bytes: Uint8Array): Uint8Array {
    return new Uint8Array(sign(null, signingBytes(domain, bytes), this.#fastKey));
  }

  signSlowly(domain: SigningDomain, bytes: Uint8Array): Uint8Array {
    return nacl.sign.detached(signingBytes(domain, bytes), this.#secretKey);
  }
}

/** The node whose signing seed this is. */
export const nodeOfSeed = (seed: Uint8Array): NodeId =>
  parseNodeId(hexText(nacl.sign.keyPair.fromSeed(seed).publicKey));

function fastKey(seed: Uint8Array, node: NodeId): KeyObject {
  const text = (bytes: Uint8Array) => bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
  const key = { kty: 'OKP', crv: 'Ed25519', d: text(seed), x: text(Uint8Array.fromHex(node)) };
  return createPrivateKey({ key, format: 'jwk' });
}
