/** What a hostile relay may answer: a real link of a node to a server that changes what it says. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { agreementDigest } from '#agent/core/agreement.ts';
import type { AgentEvent } from '#agent/core/event.ts';
import { catalogue } from '#agent/core/messages/index.ts';
import type { Head, Receipt } from '#agent/core/segment.ts';
import { encodeSegment, receiptSigned } from '#agent/core/segment-codec.ts';
import { NodeLinkLocal } from '#agent/cycle/link-local.ts';
import { PeerBook } from '#agent/cycle/peer-book.ts';
import { frame, packIds } from '#agent/exchange/frames.ts';
import { HttpsPeer } from '#agent/exchange/https-peer.ts';
import { runLink } from '#agent/exchange/link.ts';
import { Pokes } from '#agent/exchange/pokes.ts';
import { encodeEvent, encodeHeadsReply } from '#agent/exchange/wire-messages.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { serving } from '#test/cycle/serving.ts';
import { SignedFeed } from '#test/cycle/signed-feed.ts';
import { auditWordsOf, idNamed, receiptFor } from '#test/exchange/sample-feed.ts';
import { until } from '#test/exchange/until.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { Chance, fuzz, fuzzLimit } from './fuzz.ts';
import { mutateBytes, mutateCbor } from './mutate.ts';

/** Says what a relay may say about one feed; changed while `lies`. */
class LyingRelay implements AsyncDisposable {
  lies = true;
  chance = new Chance(0);
  readonly #server;
  readonly #node: Awaited<ReturnType<typeof serving>>;
  readonly #feed: SignedFeed;
  readonly #streams = new Set<ServerResponse>();
  readonly #signed: ReturnType<SignedFeed['filled']>[] = [];

  private constructor(node: Awaited<ReturnType<typeof serving>>) {
    this.#node = node;
    this.#feed = new SignedFeed(node.party(0), node.agreement);
    const { key, cert } = node.party(3).tls;
    const ca = node.party(2).tls.cert;
    const tls = { key, cert, ca, requestCert: true, minVersion: 'TLSv1.3' } as const;
    this.#server = createServer(tls, (req, res) => {
      req.resume();
      this.#answer(req.url ?? '', req.method ?? '', res);
    });
  }

  static async open(node: Awaited<ReturnType<typeof serving>>): Promise<LyingRelay> {
    const relay = new LyingRelay(node);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The author writes once more; returns how far its feed reaches. */
  more(): number {
    this.#signed.push(this.#feed.filled(1 + this.chance.below(3)));
    const head = this.#signed.at(-1)?.head;
    if (!head) throw new Error('written just now');
    this.tell();
    return head.seq;
  }

  /** An event to all who listen, the true one or another. */
  tell(): void {
    const head = this.#signed.at(-1)?.head;
    if (!head) return;
    const { space, origin, seq } = head;
    for (const res of this.#streams) res.write(frame(this.#changed(encodeEvent({ space, origin, seq }))));
  }

  #changed(bytes: Uint8Array, change = mutateCbor): Uint8Array {
    return this.lies && this.chance.once(2) ? change(this.chance, bytes) : bytes;
  }

  #answer(url: string, method: string, res: ServerResponse): void {
    const { party } = this.#node;
    const heads = this.#signed.slice(-1).map(({ head }) => head);
    const [head] = heads;
    if (this.lies && this.chance.once(12))
      return void res
        .writeHead(this.chance.pick([200, 400, 409, 500, 301, 204]))
        .end(mutateBytes(this.chance, Buffer.from('{"code":"FEED_GAP"}')));
    if (url.endsWith('/events')) {
      res.writeHead(200).write(frame(new Uint8Array(0)));
      this.#streams.add(res);
      res.once('close', () => this.#streams.delete(res));
      return;
    }
    if (url.endsWith('/heads')) {
      const receipts = head ? [this.#receipt(head)] : [];
      const wanted = [{ author: party(2).node, id: idNamed('w'), open: true }];
      const audit = auditWordsOf(party(3).node, party(2).node);
      const reply = { heads, receipts, dialsBack: false, role: 'relay', wanted, audit } as const;
      return void res.writeHead(200).end(this.#changed(encodeHeadsReply(reply)));
    }
    if (url.includes('/segments/')) {
      const from = Number(/from=(\d+)/.exec(url)?.[1]);
      const asked = this.#signed.filter((each) => each.segment.header.first >= from);
      const frames = asked.map(({ segment }) => frame(this.#changed(encodeSegment(segment))));
      return void res.writeHead(200).end(this.#changed(Buffer.concat(frames), mutateBytes));
    }
    if (url.endsWith('/missing')) return void res.writeHead(200).end(this.#changed(packIds([idNamed('w')])));
    res.writeHead(method === 'POST' ? 204 : 404).end();
  }

  #receipt(head: Head): Receipt {
    const reader = this.#node.party(1);
    const receipt = receiptFor(head, reader.node);
    return {
      ...receipt,
      signature: reader.sign(this.#node.agreement.suite, 'receipt', receiptSigned(receipt)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

it('replies of a relay', fuzzLimit, async () => {
  await using owned = new AsyncDisposableStack();
  const parts: AsyncDisposable[] = [];
  const node = await serving('agent', parts);
  for (const part of parts) owned.use(part);
  await using relay = await LyingRelay.open(node);
  const me = node.party(2);
  const events: AgentEvent[] = [];
  const emit = (event: AgentEvent) => void events.push(event);
  const [clock, random] = [systemClock, systemRandom];
  const keys = { store: new MemorySecrets(), suiteOf: () => node.agreement.suite };
  const keyring = new Keyring({ identity: me, clock, random, ...keys });
  const local = new NodeLinkLocal({
    identity: me,
    keyring,
    peers: new PeerBook(clock),
    space: () => node.node.own,
  });
  const pinned = { url: relay.url, node: node.party(3).node, pinnedCert: node.party(3).tls.cert };
  const digest = { agreementDigest: () => agreementDigest(node.agreement) };
  await using peer = new HttpsPeer({ ...pinned, ...digest, tls: me.tls, clock, random, emit });
  const times = { leastMs: 1, mostMs: 5, lookMs: 50, steadyMs: 0 };
  const stop = new AbortController();
  const common = { peer, url: relay.url, local, clock, random, emit, pokes: new Pokes(), times };
  let over: unknown;
  const link = runLink({ ...common, spaces: () => [node.space] }, stop.signal).catch((error: unknown) => {
    over = error;
  });
  await fuzz('replies of a relay', async (chance) => {
    relay.chance = chance;
    relay.lies = true;
    const seq = relay.more();
    for (let n = events.length, i = 0; events.length < n + 4 && i < 20; i++)
      await systemClock.sleep(5, stop.signal);
    relay.lies = false;
    relay.tell();
    let held = 0;
    await until(() => {
      void node.node.own.state.origins().then((heads) => {
        held = Math.max(0, ...heads.map((each) => each.seq));
      });
      if (over !== undefined) throw over;
      return held === seq;
    });
    for (const event of events.splice(0)) {
      if (!('code' in event)) continue;
      expect(Object.hasOwn(catalogue, event.code), event.code).toBe(true);
      expect(event.code).not.toBe('OWN_FAULT');
    }
  });
  stop.abort(new Error('over'));
  await link;
});
