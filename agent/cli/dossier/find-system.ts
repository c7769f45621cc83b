/** The node and its machine, and every address at which it listens or which it calls. */
import { arch, availableParallelism, hostname, release, totalmem, type } from 'node:os';
import { controlSocket } from '#agent/cli/status.ts';
import { version } from '#agent/cli/version.ts';
import type { AgreementFacts, MemberFacts } from './agreement-schema.ts';
import type { Dossier } from './dossier-schema.ts';
import { validityOf } from './find-agreements.ts';
import type { Sources } from './sources.ts';

export function findSystem({ config, configFile, keys, card, io }: Sources): Dossier['system'] {
  const { agency, name, node } = card;
  const { role, state, spaces, stateCipher: cipher } = config;
  return {
    ...{ agency, name, node, role, version, state, keys, config: configFile },
    nodeVersion: process.versions.node,
    opensslVersion: process.versions.openssl,
    host: hostname(),
    os: `${type()} ${release()} ${arch()}`,
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    folders: spaces.map(({ space, folder }) => ({ space, folder })),
    ...(cipher ? { stateCipher: cipherFacts(cipher, io.clock.now()) } : {}),
  };
}

/** What the agreements have to match. Where the device and its PIN are is not told. */
const cipherFacts = (
  { product, approval, highest, validUntil }: NonNullable<Sources['config']['stateCipher']>,
  now: number,
) => ({ product, approval, highest, valid: validityOf(validUntil, now) });

export function findFlows(
  { config, card }: Sources,
  agreements: readonly AgreementFacts[],
): Dossier['flows'] {
  const { listen, status, peers } = config;
  const others = membersBut(card.node, agreements);
  const called = (to: string) =>
    [...others.values()].find(({ node, agency }) => to === node || to === agency);
  const calls = new Set(peers.map(({ node }) => called(node)?.node));
  return {
    listening: [
      ...(listen ? [{ what: 'exchange' as const, at: shownPlace(listen) }] : []),
      { what: 'status', at: shownPlace(status) },
      { what: 'control', at: controlSocket(config) },
    ],
    outgoing: peers.map(({ node, url }) => {
      const agency = called(node)?.agency;
      return { to: node, ...(agency === undefined ? {} : { agency }), url };
    }),
    incoming: [...others.values()]
      .filter(({ node }) => !calls.has(node))
      .map(({ agency, node }) => ({ agency, node })),
  };
}

function membersBut(me: string, agreements: readonly AgreementFacts[]): Map<string, MemberFacts> {
  const members = agreements.flatMap((agreement) => agreement.members);
  return new Map(members.filter(({ node }) => node !== me).map((member) => [member.node, member]));
}

/** `*`: any free port. */
const shownPlace = ({ address, port }: { readonly address: string; readonly port: number }): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port === 0 ? '*' : port}`;
