/** The links that this node keeps: one for each configured peer that some agreement in force makes a member. */

import { type Agreement, agreementDigest, type Member } from '#agent/core/agreement.ts';
import { partnerOf } from '#agent/core/agreement-policy.ts';
import type { Card } from '#agent/core/card.ts';
import type { AgentEvent, Emit } from '#agent/core/event.ts';
import type { NodeId, SpaceId } from '#agent/core/ids.ts';
import { HttpsPeer } from '#agent/exchange/https-peer.ts';
import { runLink } from '#agent/exchange/link.ts';
import type { LinkLocal } from '#agent/exchange/link-local.ts';
import type { Peer } from '#agent/exchange/peer.ts';
import type { Pokes } from '#agent/exchange/pokes.ts';
import { type AgreementBook, isRefusal } from '#agent/seal/agreement-book.ts';
import type { Identity } from '#agent/seal/identity.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Random } from '#agent/sys/random.ts';
import type { PeerBook } from './peer-book.ts';

/** How another node is reached: over HTTPS, unless it is in the same process. */
export type Dial = (card: Card, url: string) => Peer & AsyncDisposable;

export interface LinksParts {
  readonly configured: readonly { readonly node: string; readonly url: string }[];
  readonly identity: Identity;
  readonly book: AgreementBook;
  readonly peers: PeerBook;
  readonly local: LinkLocal;
  readonly pokes: Pokes;
  /** The spaces that this node takes part in. */
  readonly spaces: () => readonly SpaceId[];
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  readonly dial?: Dial;
}

interface Link {
  readonly url: string;
  readonly peer: Peer & AsyncDisposable;
  readonly running: Promise<void>;
}

export class Links implements AsyncDisposable {
  readonly #parts: LinksParts;
  readonly #links = new Map<NodeId, Link>();
  readonly #stop = new AbortController();
  readonly #failed: (error: unknown) => void;

  constructor(parts: LinksParts, failed: (error: unknown) => void) {
    this.#parts = parts;
    this.#failed = failed;
  }

  /** Starts a link for every configured peer that agreements now name and that has none yet. */
  refresh(): void {
    for (const { node, url } of this.#parts.configured) {
      const card = this.#cardOf(node);
      if (card && card.node !== this.#parts.identity.node && !this.#links.has(card.node))
        this.#start(card, url);
    }
  }

  /** Peers to fetch from, direct ones before relays, that are linked now. */
  sources(space: SpaceId): readonly Peer[] {
    const agreement = this.#parts.book.inForce(space);
    if (isRefusal(agreement)) return [];
    const linked = [...this.#links].filter(
      ([node]) => this.#parts.peers.dials(node) && this.#partner(agreement, node),
    );
    const rank = ([node]: [NodeId, Link]) =>
      this.#partner(agreement, node)?.roles.includes('relay') ? 1 : 0;
    return linked.sort((a, b) => rank(a) - rank(b)).map(([, { peer }]) => peer);
  }

  urlOf(node: NodeId): string | undefined {
    return this.#links.get(node)?.url;
  }

  /** Nothing goes to, or comes from, a member whose system's approval is over (R09). */
  #partner(agreement: Agreement, node: NodeId): Member | undefined {
    return partnerOf(agreement, node, this.#parts.clock.now());
  }

  /** A node id, or the e-ID of an agency with one node in our agreements. */
  #cardOf(who: string): Card | undefined {
    for (const space of this.#parts.spaces()) {
      const agreement = this.#parts.book.inForce(space);
      if (isRefusal(agreement)) continue;
      const found = agreement.members.find(({ card }) => card.node === who || card.agency === who);
      if (found) return found.card;
    }
    return undefined;
  }

  #start(card: Card, url: string): void {
    const { local, clock, random, pokes, dial = this.#dial } = this.#parts;
    const emit: Emit = (event) => this.#told(event);
    const peer = dial(card, url);
    const spaces = () => this.#sharedWith(card.node);
    const options = { url, clock, random, emit, peer, spaces, local, pokes };
    const running = runLink(options, this.#stop.signal).catch(this.#failed);
    this.#links.set(card.node, { url, peer, running });
  }

  readonly #dial: Dial = (card, url) => {
    const { identity, book, clock, random } = this.#parts;
    const agreementDigestOf = (space: SpaceId) => {
      const agreement = book.inForce(space);
      return isRefusal(agreement) ? undefined : agreementDigest(agreement);
    };
    const emit: Emit = (event) => this.#told(event);
    const pinned = { node: card.node, pinnedCert: card.tlsCertificate, tls: identity.tls };
    return new HttpsPeer({ url, clock, random, emit, ...pinned, agreementDigest: agreementDigestOf });
  };

  #told(event: AgentEvent): void {
    if (event.type === 'peer.up') this.#parts.peers.linkUp(event.peer, true);
    if (event.type === 'peer.down') this.#parts.peers.linkUp(event.peer, false);
    this.#parts.emit(event);
  }

  #sharedWith(node: NodeId): readonly SpaceId[] {
    return this.#parts.spaces().filter((space) => {
      const agreement = this.#parts.book.inForce(space);
      return !isRefusal(agreement) && this.#partner(agreement, node) !== undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('stopping'));
    for (const { running, peer } of this.#links.values()) {
      await running;
      await peer[Symbol.asyncDispose]();
    }
  }
}
