/**
 * The node's TLS certificate: ECDSA P-256, self-signed, its own and only trust anchor. It names the agency (common
 * name) and the node (a URI), so that it cannot be put on another node's card.
 */
import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { AgencyId } from '#agent/core/agency.ts';
import { hexText, type NodeId } from '#agent/core/ids.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Random } from '#agent/sys/random.ts';

export interface TlsIdentity {
  /** PKCS#8 PEM. */
  readonly key: string;
  /** X.509 PEM, as node:crypto writes it. */
  readonly cert: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;
/** Peers whose clocks are behind must still accept it. */
const backdatedMs = 30 * dayMs;
/** The agreement's term is what ends trust; the certificate only has to outlive it. */
const lifeMs = 30 * 365 * dayMs;

const nodeUri = (node: NodeId): string => `urn:dongbo:node:${node}`;

export async function makeTlsIdentity(
  { agency, node }: { agency: AgencyId; node: NodeId },
  { clock, random }: { clock: Clock; random: Random },
): Promise<TlsIdentity> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const now = clock.now();
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: `40${hexText(random.bytes(15))}`,
      name: `CN=${agency}`,
      notBefore: new Date(now - backdatedMs),
      notAfter: new Date(now + lifeMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        new SubjectAlternativeNameExtension([{ type: 'url', value: nodeUri(node) }]),
        // Two nodes of one agency carry the same name; key identifiers tell their anchors apart.
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const key = `${PemConverter.encode(pkcs8, PemConverter.PrivateKeyTag)}\n`;
  return { key, cert: new X509Certificate(certificate.toString('pem')).toString() };
}

/** What is wrong with a certificate as that of `node` of `agency`; undefined when it is sound. */
export function certificateFault(pem: string, agency: AgencyId, node: NodeId): string | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return 'does not parse';
  }
  if (certificate.toString() !== pem) return 'is not exactly one certificate';
  if (certificate.subject !== `CN=${agency}` || certificate.issuer !== certificate.subject) {
    return 'names another agency';
  }
  if (certificate.subjectAltName !== `URI:${nodeUri(node)}`) return 'names another node';
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  if (asymmetricKeyType !== 'ec' || asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    return 'has a key that is not ECDSA P-256';
  }
  return certificate.verify(certificate.publicKey) ? undefined : 'is not signed by its own key';
}
