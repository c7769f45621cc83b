/** A server and a peer that speak real TLS over real sockets on loopback. */
import { parseAgencyId } from '#agent/core/agency.ts';
import type { AgentEvent } from '#agent/core/event.ts';
import type { Digest, NodeId, SpaceId } from '#agent/core/ids.ts';
import { HttpsPeer } from '#agent/exchange/https-peer.ts';
import type { TlsKeys } from '#agent/exchange/pinned-trust.ts';
import { ExchangeServer, type ServerOptions } from '#agent/exchange/server.ts';
import type { TrustBook } from '#agent/exchange/trust-book.ts';
import { makeTlsIdentity } from '#agent/seal/tls-certificate.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { systemRandom } from '#agent/sys/random.ts';
import type { MemoryBackend } from './memory-backend.ts';
import { digestNamed, nodeNamed } from './sample-feed.ts';

export interface TestNode {
  readonly node: NodeId;
  readonly tls: TlsKeys;
}

const made = new Map<string, Promise<TestNode>>();

/** The same name gives the same node within one test file. */
export function testNode(name: string, agency = 'H29.12'): Promise<TestNode> {
  const node = nodeNamed(name);
  const sources = { clock: systemClock, random: systemRandom };
  const known = made.get(name);
  if (known) return known;
  const fresh = makeTlsIdentity({ agency: parseAgencyId(agency).id, node }, sources).then((tls) => ({
    node,
    tls,
  }));
  made.set(name, fresh);
  return fresh;
}

/** Everybody listed is a member of every space, until told otherwise. */
export class TestTrust implements TrustBook {
  members: TestNode[];
  digest: Digest | undefined = digestNamed('agreement');
  outsiders = new Set<NodeId>();

  constructor(members: readonly TestNode[]) {
    this.members = [...members];
  }

  certificates() {
    return this.members.map(({ node, tls }) => ({ node, pem: tls.cert }));
  }

  inForce(_space: SpaceId) {
    if (!this.digest) return undefined;
    const members = new Set(this.members.map(({ node }) => node).filter((node) => !this.outsiders.has(node)));
    return { digest: this.digest, members };
  }
}

export class HttpsFixture implements AsyncDisposable {
  readonly hub: TestNode;
  readonly agent: TestNode;
  readonly trust: TestTrust;
  readonly server: ExchangeServer;
  readonly peer: HttpsPeer;
  readonly serverEvents: AgentEvent[];
  readonly peerEvents: AgentEvent[];

  private constructor(parts: Omit<HttpsFixture, 'caller' | 'url' | 'kill' | typeof Symbol.asyncDispose>) {
    this.hub = parts.hub;
    this.agent = parts.agent;
    this.trust = parts.trust;
    this.server = parts.server;
    this.peer = parts.peer;
    this.serverEvents = parts.serverEvents;
    this.peerEvents = parts.peerEvents;
  }

  static async open(backend: MemoryBackend, options: Partial<ServerOptions> = {}): Promise<HttpsFixture> {
    const hub = await testNode('hub', 'H29');
    const agent = await testNode('agent', 'H29.12');
    const trust = new TestTrust([hub, agent]);
    const serverEvents: AgentEvent[] = [];
    const peerEvents: AgentEvent[] = [];
    const server = await ExchangeServer.listen({
      address: '127.0.0.1',
      port: 0,
      tls: hub.tls,
      trust,
      backend,
      clock: systemClock,
      emit: (event) => serverEvents.push(event),
      ...options,
    });
    const url = `https://127.0.0.1:${server.port}`;
    const peer = makePeer(url, agent, hub, (event) => peerEvents.push(event));
    return new HttpsFixture({ hub, agent, trust, server, peer, serverEvents, peerEvents });
  }

  get caller(): NodeId {
    return this.agent.node;
  }

  get url(): string {
    return `https://127.0.0.1:${this.server.port}`;
  }

  /** As a kill looks from outside: every connection is cut at once. */
  async kill(): Promise<void> {
    this.trust.members = [];
    this.server.updateTrust();
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peer[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

export const makePeer = (
  url: string,
  self: TestNode,
  other: TestNode,
  emit: (event: AgentEvent) => void = () => {},
  agreementDigest: () => Digest | undefined = () => digestNamed('agreement'),
  silenceMs = 40_000,
): HttpsPeer =>
  new HttpsPeer({
    url,
    node: other.node,
    pinnedCert: other.tls.cert,
    tls: self.tls,
    agreementDigest,
    clock: systemClock,
    random: systemRandom,
    emit,
    silenceMs,
  });
