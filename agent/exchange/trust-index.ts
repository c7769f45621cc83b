/** Who is who among TLS certificates: the exact certificate by its SHA-256, never a name in it. */
import { hash, X509Certificate } from 'node:crypto';
import type { NodeId } from '#agent/core/ids.ts';
import type { TrustBook } from './trust-book.ts';

export class TrustIndex {
  readonly #book: TrustBook;
  #nodes = new Map<string, NodeId>();
  #anchors: readonly string[] = [];

  constructor(book: TrustBook) {
    this.#book = book;
    this.refresh();
  }

  /** Reads the book again. Returns whether anything changed. */
  refresh(): boolean {
    const certificates = this.#book.certificates();
    const nodes = new Map(
      certificates.map(({ node, pem }) => [digestOf(new X509Certificate(pem).raw), node]),
    );
    const same =
      nodes.size === this.#nodes.size && [...nodes].every(([key, node]) => this.#nodes.get(key) === node);
    this.#nodes = nodes;
    this.#anchors = certificates.map(({ pem }) => pem);
    return !same;
  }

  /** PEM of every certificate that may connect: self-signed, each the anchor of itself only. */
  get anchors(): string[] {
    return [...this.#anchors];
  }

  nodeOf(certificate: X509Certificate | undefined): NodeId | undefined {
    return certificate && this.#nodes.get(digestOf(certificate.raw));
  }
}

const digestOf = (der: Uint8Array): string => hash('sha256', der, 'hex');
