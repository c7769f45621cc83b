/** The very certificate of the agreement, and none that merely leads to it: who made it may have made others from it. */
import 'reflect-metadata';
import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { webcrypto, X509Certificate } from 'node:crypto';
import { BasicConstraintsExtension, PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import { expect, it } from 'vitest';
import { trustOnly } from '#agent/exchange/pinned-trust.ts';
import { HttpsFixture, makePeer, testNode } from './https-fixture.ts';
import { MemoryBackend } from './memory-backend.ts';
import { openTls, readToEnd } from './raw-client.ts';
import { spaceNamed } from './sample-feed.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const life = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000) };

/** A certificate that may issue others, and one that it has issued. */
async function issuerAndIssued() {
  const make = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const [keys, leafKeys] = [await make(), await make()];
  const common = { ...life, signingAlgorithm: algorithm };
  const extensions = [new BasicConstraintsExtension(true, undefined, true)];
  const issuer = await X509CertificateGenerator.createSelfSigned(
    { ...common, name: 'CN=H29.77', serialNumber: '01', keys, extensions },
    webcrypto,
  );
  const issued = await X509CertificateGenerator.create(
    {
      ...{ ...common, serialNumber: '02', subject: 'CN=H29.15', issuer: 'CN=H29.77' },
      ...{ publicKey: leafKeys.publicKey, signingKey: keys.privateKey },
    },
    webcrypto,
  );
  const pem = (raw: ArrayBuffer, tag: string) => `${PemConverter.encode(raw, tag)}\n`;
  const keyOf = async ({ privateKey }: typeof keys) =>
    pem(await webcrypto.subtle.exportKey('pkcs8', privateKey), PemConverter.PrivateKeyTag);
  return {
    issuer: { cert: issuer.toString('pem'), key: await keyOf(keys) },
    issued: { cert: issued.toString('pem'), key: await keyOf(leafKeys) },
  };
}

async function serving(keys: ServerOptions) {
  const seen: string[] = [];
  const server = createServer({ minVersion: 'TLSv1.3', ...keys }, (request, response) => {
    seen.push(request.url ?? '');
    response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    [Symbol.asyncDispose]: close,
  };
}

it.each(['issuer', 'issued'] as const)('of one that may issue others: %s', async (shown) => {
  const made = await issuerAndIssued();
  const self = await testNode('agent');
  const hub = { node: (await testNode('hub', 'H29')).node, tls: made.issuer };
  await using server = await serving(made[shown]);
  await using peer = makePeer(server.url, self, hub);
  const asked = peer.heads(spaceNamed('pinned'), AbortSignal.timeout(20_000));
  if (shown === 'issuer') {
    await expect(asked).rejects.not.toMatchObject({ code: 'PEER_CERTIFICATE' });
    expect(server.seen).toHaveLength(1);
    return;
  }
  await expect(asked).rejects.toMatchObject({ code: 'PEER_CERTIFICATE' });
  expect(server.seen).toEqual([]);
});

it('whatever else the name says', async () => {
  const [own, other] = [await testNode('own'), await testNode('other')];
  const { checkServerIdentity } = trustOnly(own.tls.cert, own.tls);
  const shown = (cert: string) => new X509Certificate(cert).toLegacyObject() as never;
  expect(checkServerIdentity('any.host', shown(own.tls.cert))).toBeUndefined();
  expect(checkServerIdentity('any.host', shown(other.tls.cert))).toMatchObject({
    message: 'not the certificate of the agreement',
  });
});

it('by no older TLS, which would show the name of who calls to everybody on the way', async () => {
  const [self, hub] = [await testNode('own'), await testNode('hub', 'H29')];
  await using old = await serving({ ...hub.tls, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
  await using peer = makePeer(old.url, self, hub);
  await expect(peer.heads(spaceNamed('pinned'), AbortSignal.timeout(20_000))).rejects.toMatchObject({
    code: expect.stringMatching(/^PEER_|^TLS_/),
  });
  expect(old.seen).toEqual([]);
});

it('at the server too: what a member has issued is not the member, and hears nothing', async () => {
  const made = await issuerAndIssued();
  await using fixture = await HttpsFixture.open(new MemoryBackend());
  const member = { ...(await testNode('member')), tls: made.issuer };
  fixture.trust.members.push(member);
  fixture.server.updateTrust();
  const socket = await openTls(fixture.server.port, fixture.hub, { ...member, tls: made.issued });
  socket.write('GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n');
  const heard = await Promise.race([readToEnd(socket), delay(10_000, 'still open')]);
  expect(heard).toBe('');
  const told = fixture.serverEvents.flatMap((e) => (e.type === 'refused' ? [e.code] : []));
  expect(told[0]).toBe('TLS_UNKNOWN_CERTIFICATE');
});
