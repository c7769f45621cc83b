/** The algorithms of each suite in use, and which package at which version provides them (R20). */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type SuiteName, suiteNames } from '#agent/core/suite-name.ts';
import type { AgreementFacts } from './agreement-schema.ts';
import type { Dossier } from './dossier-schema.ts';

type Suite = Dossier['suites'][number];
type Use = Suite['algorithms'][number]['use'];

const openssl = `node:crypto (Node ${process.versions.node}, OpenSSL ${process.versions.openssl})`;
const about = z.object({ version: z.string() });

function packageText(name: string): string {
  const file = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
  try {
    return `${name} ${about.parse(JSON.parse(readFileSync(file, 'utf8'))).version}`;
  } catch {
    return name;
  }
}

/** As `seal/suite.ts`, `seal/aead.ts` and `seal/epoch.ts` use them. */
const algorithms: Readonly<Record<SuiteName, readonly (readonly [Use, string, string])[]>> = {
  'nacl-pq': [
    ['wrap', 'HPKE (RFC 9180): X-Wing (X25519 + ML-KEM-768), HKDF-SHA256, AES-256-GCM', 'hpke'],
    ['sign', 'Ed25519 (RFC 8032)', openssl],
    ['derive', 'HKDF-SHA256, HMAC-SHA256', openssl],
  ],
  'vn-civil': [
    ['wrap', 'HPKE (RFC 9180): DHKEM(P-384, HKDF-SHA384), HKDF-SHA384, AES-256-GCM', 'hpke'],
    ['sign', 'ECDSA P-384, SHA-384', openssl],
    ['derive', 'HKDF-SHA384, HMAC-SHA384', openssl],
  ],
};

const common: readonly (readonly [Use, string, string])[] = [
  ['seal', 'AES-256-GCM', openssl],
  ['trust', 'Ed25519 (RFC 8032)', 'tweetnacl'],
  ['transport', 'TLS 1.3, ECDSA P-256', openssl],
];

export function findSuites(agreements: readonly AgreementFacts[]): Suite[] {
  return suiteNames.flatMap((name) => {
    const spaces = agreements.filter(({ suite }) => suite === name).map(({ space }) => space);
    if (spaces.length === 0) return [];
    const all = [...algorithms[name], ...common].map(([use, algorithm, by]) => ({
      use,
      name: algorithm,
      by: by === openssl ? by : packageText(by),
    }));
    return [{ name, spaces, postQuantum: name === 'nacl-pq', algorithms: all }];
  });
}
