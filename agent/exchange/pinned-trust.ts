/** TLS options that trust exactly one certificate. There is no other mode. */
import { X509Certificate } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import { wrongCertificate } from './client-error.ts';

/** This node's own TLS identity, PEM. */
export interface TlsKeys {
  readonly key: string;
  readonly cert: string;
}

export const tlsVersion = 'TLSv1.3';

/**
 * For the agent, not for each request: Node reuses no connection whose check came with a request.
 * The host name does not matter, for the agreement names a certificate, not a host.
 */
export function trustOnly(pinnedCert: string, tls: TlsKeys) {
  const pinned = new X509Certificate(pinnedCert).raw;
  return {
    ca: pinnedCert,
    cert: tls.cert,
    key: tls.key,
    minVersion: tlsVersion,
    checkServerIdentity(_host: string, certificate: PeerCertificate): Error | undefined {
      if (certificate.raw && pinned.equals(certificate.raw)) return undefined;
      return Object.assign(new Error('not the certificate of the agreement'), { code: wrongCertificate });
    },
  } as const;
}
