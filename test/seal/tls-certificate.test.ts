import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAgencyId } from '#agent/core/agency.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { certificateFault } from '#agent/seal/tls-certificate.ts';
import { makeParties } from '#test/trust/parties.ts';

let a: Identity;
let b: Identity;
let c: Identity;

beforeAll(async () => {
  [a, b, c] = await makeParties('H29.1', 'H29.2', 'H29.3');
});

interface Seen {
  readonly protocol: string | null;
  readonly peerUri: string | undefined;
}

/** One handshake on loopback; each side trusts one certificate only. */
async function handshake(client: Identity, serverTrusts: Identity, clientTrusts: Identity): Promise<Seen> {
  const options = { ...a.tls, ca: serverTrusts.tls.cert, requestCert: true, minVersion: 'TLSv1.3' } as const;
  const server = createServer(options).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ca = clientTrusts.tls.cert;
  const socket = connect({
    host: '127.0.0.1',
    port,
    ...client.tls,
    ca,
    checkServerIdentity: () => undefined,
  });
  const refused = new Promise<never>((_, reject) => {
    server.on('tlsClientError', reject);
    socket.on('error', reject);
  });
  try {
    const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>;
    const [[onServer]] = await Promise.race([
      Promise.all([accepted, once(socket, 'secureConnect')]),
      refused,
    ]);
    return { protocol: socket.getProtocol(), peerUri: onServer.getPeerX509Certificate()?.subjectAltName };
  } finally {
    socket.destroy();
    server.close();
  }
}

describe('the certificate', () => {
  it('is its own trust anchor in a mutual TLS 1.3 handshake', async () => {
    expect(await handshake(b, b, a)).toEqual({
      protocol: 'TLSv1.3',
      peerUri: `URI:urn:dongbo:node:${b.node}`,
    });
  });

  it('is refused by whoever does not know it, at either end', async () => {
    await expect(handshake(c, b, a)).rejects.toThrow();
    await expect(handshake(b, b, c)).rejects.toThrow();
  });

  it('belongs to one agency and one node', () => {
    const fault = (pem: string, agency = 'H29.1', node = a.node) =>
      certificateFault(pem, parseAgencyId(agency).id, node);
    const { cert } = a.tls;
    expect(fault(cert)).toBeUndefined();
    expect(fault(cert, 'H29.2')).toMatch('agency');
    expect(fault(cert, 'H29.1', b.node)).toMatch('node');
    expect(fault(b.tls.cert)).toMatch('agency');
    expect(fault(`${cert}${b.tls.cert}`)).toMatch('one certificate');
    expect(fault(`note\n${cert}`)).toMatch('one certificate');
    expect(fault('')).toMatch('parse');
    const der = Buffer.from(new X509Certificate(cert).raw);
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
    const body = der.toString('base64').replace(/.{64}/g, '$&\n');
    const forged = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
    expect(fault(forged)).toMatch('not signed by its own key');
  });
});
