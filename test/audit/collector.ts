/** A syslog collector over TLS with an authority of its own: reads octet-counted frames (RFC 5425 §4.3) and keeps them. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface Pem {
  readonly cert: string;
  readonly key: string;
}

interface Term {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export class Authority {
  readonly pem: string;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #cert: X509Certificate;
  readonly #term: Term;

  private constructor(keys: webcrypto.CryptoKeyPair, cert: X509Certificate, term: Term) {
    this.#keys = keys;
    this.#cert = cert;
    this.#term = term;
    this.pem = cert.toString('pem');
  }

  static async create(now: number): Promise<Authority> {
    const term = { notBefore: new Date(now - 60_000), notAfter: new Date(now + 3_600_000) };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const extensions = [new BasicConstraintsExtension(true, undefined, true)];
    const fields = {
      serialNumber: '01',
      name: 'CN=Authority',
      signingAlgorithm: algorithm,
      keys,
      extensions,
    };
    const cert = await X509CertificateGenerator.createSelfSigned({ ...fields, ...term }, webcrypto);
    return new Authority(keys, cert, term);
  }

  async issue(name: string): Promise<Pem> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const cert = await X509CertificateGenerator.create(
      {
        ...{ serialNumber: '02', subject: `CN=${name}`, issuer: this.#cert.subject, ...this.#term },
        ...{ signingAlgorithm: algorithm, publicKey: keys.publicKey, signingKey: this.#keys.privateKey },
        extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
      },
      webcrypto,
    );
    const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return { cert: cert.toString('pem'), key: PemConverter.encode(pkcs8, PemConverter.PrivateKeyTag) };
  }
}

export interface CollectorOptions extends Pem {
  readonly port?: number;
  /** Whoever shows no certificate of this authority is turned away. */
  readonly clientCa?: string;
}

export class Collector implements AsyncDisposable {
  readonly messages: string[] = [];
  /** Who connected, by the common name of the certificate shown. */
  readonly callers = new Set<string>();
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('secureConnection', (socket) => void this.#take(socket));
  }

  static async listen({ cert, key, port = 0, clientCa }: CollectorOptions): Promise<Collector> {
    const asked = clientCa === undefined ? {} : { ca: clientCa, requestCert: true };
    const server = createServer({ cert, key, ...asked });
    const collector = new Collector(server);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return collector;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #take(socket: TLSSocket): Promise<void> {
    this.#sockets.add(socket);
    const { CN } = socket.getPeerCertificate().subject ?? {};
    if (CN) this.callers.add(String(CN));
    let rest = Buffer.alloc(0);
    try {
      for await (const piece of socket as AsyncIterable<Buffer>) {
        rest = Buffer.concat([rest, piece]);
        for (let frame = frameIn(rest); frame; frame = frameIn(rest)) {
          this.messages.push(frame.text);
          rest = rest.subarray(frame.end);
        }
      }
    } catch {
      // The other side went away.
    }
    this.#sockets.delete(socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function frameIn(bytes: Buffer): { text: string; end: number } | undefined {
  const [prefix, length] = /^([1-9]\d*) /.exec(bytes.toString('latin1', 0, 12)) ?? [];
  if (prefix === undefined) return undefined;
  const end = prefix.length + Number(length);
  return bytes.length < end ? undefined : { text: bytes.toString('utf8', prefix.length, end), end };
}
