/** What a member may send: requests of the right form with anything in them, to a real relay over real sockets. */
import { request } from 'node:https';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { agreementDigest } from '#agent/core/agreement.ts';
import { encodeHead, encodeReceipt, encodeSegment } from '#agent/core/segment-codec.ts';
import { auditHeader, auditHeaderText } from '#agent/exchange/audit-words.ts';
import { frame, packIds } from '#agent/exchange/frames.ts';
import { HttpsPeer } from '#agent/exchange/https-peer.ts';
import { agreementHeader, formOf, type Route } from '#agent/exchange/routes.ts';
import { ExchangeServer } from '#agent/exchange/server.ts';
import { packAsk } from '#agent/exchange/wanted-codec.ts';
import { AgreementTrust } from '#agent/seal/agreement-trust.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { serving } from '#test/cycle/serving.ts';
import { SignedFeed } from '#test/cycle/signed-feed.ts';
import { auditWordsOf, chunkNamed, idNamed, receiptFor } from '#test/exchange/sample-feed.ts';
import { type Chance, fuzz, fuzzLimit } from './fuzz.ts';
import { mutateBytes, mutateCbor, mutateText } from './mutate.ts';

const never = new AbortController().signal;
const owned: AsyncDisposable[] = [];
const events: string[] = [];
let relay: Awaited<ReturnType<typeof serving>>;
let server: ExchangeServer;
let hostile: SignedFeed;

beforeAll(async () => {
  relay = await serving('relay', owned);
  const trust = new AgreementTrust(relay.node.book);
  const emit = (event: { readonly type: string; readonly code?: unknown; readonly details?: unknown }) =>
    void events.push(`${event.type} ${String(event.code ?? '')} ${JSON.stringify(event.details ?? {})}`);
  const common = { tls: relay.party(3).tls, trust, backend: relay.backend, clock: systemClock, emit };
  server = await ExchangeServer.listen({ address: '127.0.0.1', port: 0, ...common });
  owned.push(server);
  hostile = new SignedFeed(relay.party(0), relay.agreement);
});
afterAll(async () => {
  for (const one of owned.reverse()) await one[Symbol.asyncDispose]();
});

const lives = ['0b', '0c', '0d'].map((each) => each.repeat(8));
const chunk = chunkNamed('x');
const chunkBytes = (): Uint8Array =>
  Buffer.concat([Buffer.from(chunk.id, 'hex'), Buffer.from([0, 0, 3, 232]), chunk.sealed]);

function bodyOf(name: Route['name'], chance: Chance): Uint8Array | undefined {
  // What was refused before leaves a gap: now and then it begins a feed anew.
  if (chance.once(4)) hostile = new SignedFeed(relay.party(0), relay.agreement, chance.pick(lives));
  const { segment, head } = hostile.filled(1 + chance.below(3));
  switch (name) {
    case 'pushSegments': {
      const changed = chance.once(2) ? mutateCbor(chance, encodeSegment(segment)) : encodeSegment(segment);
      const first = chance.once(2) ? mutateCbor(chance, encodeHead(head)) : encodeHead(head);
      return Buffer.concat([frame(first), frame(changed)]);
    }
    case 'pushReceipts':
      return frame(mutateCbor(chance, encodeReceipt(receiptFor(head, relay.party(1).node))));
    case 'missing':
    case 'dropChunks':
      return mutateBytes(chance, packIds([chunk.id, idNamed('y')]));
    case 'getChunks':
      return mutateBytes(chance, packAsk(relay.party(1).node, [chunk.id]));
    case 'putChunks':
      return chance.once(3) ? chunkBytes() : mutateBytes(chance, chunkBytes());
    default:
      return undefined;
  }
}

const names = [
  'heads',
  'segments',
  'pushSegments',
  'pushReceipts',
  'missing',
  'getChunks',
  'putChunks',
  'dropChunks',
] as const;

/** The status; 0 for a connection that was closed. */
function send(chance: Chance): Promise<number> {
  const { space } = relay;
  const name = chance.pick(names);
  const route: Route =
    name === 'segments' ? { name, space, origin: hostile.origin, from: 1 } : { name, space };
  const { method, path } = formOf(route);
  const { key, cert } = relay.party(0).tls;
  const audit = auditHeaderText(auditWordsOf(relay.party(0).node, relay.party(3).node));
  const headers = {
    [agreementHeader]: agreementDigest(relay.agreement),
    ...(chance.once(3) ? { [auditHeader]: mutateText(chance, audit).replace(/[^\x20-\x7e]/g, '') } : {}),
  };
  const body = bodyOf(name, chance);
  const asked = chance.once(10) ? encodeURI(mutateText(chance, path).replace(/[^\x21-\x7e]/g, '')) : path;
  const options = { host: '127.0.0.1', port: server.port, method, path: asked, headers, key, cert };
  return new Promise((resolve) => {
    // The relay's own certificate is pinned by the real client below; here only what it is sent counts.
    const sent = request(
      { ...options, ca: relay.party(3).tls.cert, checkServerIdentity: () => undefined },
      (res) => {
        res
          .on('error', () => resolve(0))
          .resume()
          .on('end', () => resolve(res.statusCode ?? 0));
      },
    );
    sent.on('error', () => resolve(0)).end(body);
  });
}

it('requests', fuzzLimit, async () => {
  const honest = relay.party(1);
  const feed = new SignedFeed(honest, relay.agreement);
  await using peer = new HttpsPeer({
    url: `https://127.0.0.1:${server.port}`,
    node: relay.party(3).node,
    pinnedCert: relay.party(3).tls.cert,
    tls: honest.tls,
    agreementDigest: () => agreementDigest(relay.agreement),
    clock: systemClock,
    random: systemRandom,
    emit: () => undefined,
  });
  await fuzz('requests', async (chance, seed) => {
    for (let i = 0; i < 10; i++) expect(await send(chance), `seed ${seed}`).not.toBe(500);
    const { segment, head } = feed.filled(1);
    await peer.pushSegments(relay.space, [segment], head, never);
    const { heads } = await peer.heads(relay.space, never);
    expect(heads.find(({ origin }) => origin.node === honest.node)?.seq).toBe(head.seq);
    expect(events.filter((event) => event.includes('PEER_INTERNAL'))).toEqual([]);
  });
});
