/** R07: who is let in is an agency of the agreement, by its certificate. Neither host, address nor node id stands for it. */
import { expect, test } from 'vitest';
import { parseAgencyId } from '#agent/core/agency.ts';
import { makeTlsIdentity } from '#agent/seal/tls-certificate.ts';
import { eventLines } from '#agent/status/log-event.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { HttpsFixture, makePeer } from './https-fixture.ts';
import { MemoryBackend } from './memory-backend.ts';
import { spaceNamed } from './sample-feed.ts';
import { until } from './until.ts';

const space = spaceNamed('other agency');
const never = new AbortController().signal;

/** A sound certificate of the member's own node id, from the same address, that names `agency`. */
async function certified(fixture: HttpsFixture, agency: string) {
  const { node } = fixture.agent;
  const sources = { clock: systemClock, random: systemRandom };
  return { node, tls: await makeTlsIdentity({ agency: parseAgencyId(agency).id, node }, sources) };
}

test.each(['H30', 'H29.1', 'H29.12.1', 'H29'])(
  'a valid certificate of the agency %s in place of H29.12 is refused and logged',
  async (agency) => {
    const backend = new MemoryBackend();
    await using fixture = await HttpsFixture.open(backend);
    await using peer = makePeer(fixture.url, await certified(fixture, agency), fixture.hub);
    await expect(peer.heads(space, never)).rejects.toMatchObject({ code: 'PEER_LOST' });
    expect(backend.callers.size).toBe(0);
    await until(() => fixture.serverEvents.some(({ type }) => type === 'refused'));
    const [line] = fixture.serverEvents.filter(({ type }) => type === 'refused').flatMap(eventLines);
    expect(line).toMatchObject({ level: 'warn', fields: { code: 'TLS_UNKNOWN_CERTIFICATE' } });
    expect(line?.fields.address).toMatch(/127\.0\.0\.1/);
  },
);

test('a server with a valid certificate of another agency gets nothing', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  const { node } = fixture.hub;
  const sources = { clock: systemClock, random: systemRandom };
  const expected = { node, tls: await makeTlsIdentity({ agency: parseAgencyId('H30').id, node }, sources) };
  await using peer = makePeer(fixture.url, fixture.agent, expected);
  await expect(peer.heads(space, never)).rejects.toMatchObject({ code: 'PEER_CERTIFICATE' });
  expect(backend.callers.size).toBe(0);
});
