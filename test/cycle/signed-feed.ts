/** The feed of a real identity: segments and heads that verify, of whatever bodies. */
import { type Agreement, agreementDigest } from '#agent/core/agreement.ts';
import { headSigned } from '#agent/core/head-codec.ts';
import { type Digest, type Origin, parseIncarnation, parseTag } from '#agent/core/ids.ts';
import type { Head, Segment } from '#agent/core/segment.ts';
import { encodeHeader } from '#agent/core/segment-codec.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { sha256 } from '#agent/seal/verify.ts';

export interface Signed {
  readonly segment: Segment;
  /** At the end of the segment. */
  readonly head: Head;
}

export class SignedFeed {
  readonly origin: Origin;
  readonly #identity: Identity;
  readonly #agreement: Agreement;
  #time: number;
  #seq = 0;
  #prev: Digest | undefined;

  constructor(identity: Identity, agreement: Agreement, incarnation = '0b'.repeat(8)) {
    this.#identity = identity;
    this.#agreement = agreement;
    this.#time = Date.parse(agreement.notBefore);
    this.origin = { node: identity.node, incarnation: parseIncarnation(incarnation) };
  }

  /** `tags`: two hex digits for each record; a number of its own for each when absent. */
  next(bodies: readonly Uint8Array[], tags: readonly string[] = []): Signed {
    const { space, suite } = this.#agreement;
    const { origin } = this;
    const time = this.#time;
    const first = this.#seq + 1;
    const entries = bodies.map((body, i) => ({
      tag: parseTag((tags[i] ?? (first + i).toString(16)).padStart(32, '0')),
      hash: sha256(body),
    }));
    const agreement = agreementDigest(this.#agreement);
    const header = { space, origin, first, prev: this.#prev, agreement, time, entries };
    const headerBytes = encodeHeader(header);
    this.#seq += bodies.length;
    this.#prev = sha256(headerBytes);
    const unsigned = { space, origin, seq: this.#seq, digest: this.#prev, time };
    const head = { ...unsigned, signature: this.#identity.sign(suite, 'head', headSigned(unsigned)) };
    const signature = this.#identity.sign(suite, 'segment', headerBytes);
    return { segment: { header, headerBytes, signature, bodies }, head };
  }

  /** The head of what was written so far, signed at `time`. */
  headAt(time: number): Head {
    const { space, suite } = this.#agreement;
    if (this.#prev === undefined) throw new Error('nothing was written');
    const unsigned = { space, origin: this.origin, seq: this.#seq, digest: this.#prev, time };
    return { ...unsigned, signature: this.#identity.sign(suite, 'head', headSigned(unsigned)) };
  }

  /** What comes next was written then, in milliseconds since the Unix epoch. */
  at(time: number): this {
    this.#time = time;
    return this;
  }

  /** So many records that mean nothing. */
  filled(records = 1): Signed {
    return this.next(Array.from({ length: records }, (_, i) => Buffer.from(`record ${this.#seq + i}`)));
  }
}
