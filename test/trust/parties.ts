/** Real identities in temporary directories, and agreements between them. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agreement, parseAgreement, type Role } from '#agent/core/agreement.ts';
import { createIdentity, type Identity } from '#agent/seal/identity.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Random } from '#agent/sys/random.ts';
import { sampleAgreed, sampleMember } from './agreed.ts';

export const startMs = Date.parse('2026-11-02T03:04:05.678Z');

/** A clock that stands until it is set. */
export class SetClock implements Clock {
  ms = startMs;
  now = (): number => this.ms;
  monotonic = (): number => this.ms;
  sleep = async (): Promise<void> => {};
}

/** Bytes that are the same for the same seed. */
export function seededRandom(seed: string): Random {
  let count = 0;
  return {
    bytes: (length) => {
      const parts: Uint8Array[] = [];
      for (let made = 0; made < length; made += 32) {
        parts.push(createHash('sha256').update(`${seed}/${count++}`).digest());
      }
      return new Uint8Array(Buffer.concat(parts)).slice(0, length);
    },
    fraction: () => 0.5,
  };
}

export interface TempDir extends AsyncDisposable {
  readonly path: string;
}

export async function tempDir(): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), 'dongbo-trust-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A new identity; its keys directory is gone again when this returns. */
export async function makeParty(agency: string, clock: Clock = new SetClock()): Promise<Identity> {
  await using dir = await tempDir();
  return await createIdentity(
    dir.path,
    { agency, name: `Sở ${agency}` },
    { clock, random: seededRandom(agency) },
  );
}

type Parties<T> = { readonly [K in keyof T]: Identity };

/** One new identity for each agency. */
export async function makeParties<const T extends readonly string[]>(...agencies: T): Promise<Parties<T>> {
  return (await Promise.all(agencies.map((agency) => makeParty(agency)))) as unknown as Parties<T>;
}

type Entry = readonly [party: Identity, ...roles: Role[]];

/** An unsigned agreement of 30 days; the first party owns it. */
export function draft(members: readonly [Entry, ...Entry[]], changes: object = {}): Agreement {
  return parseAgreement({
    ...sampleAgreed,
    space: '00112233445566778899aabbccddeeff',
    name: 'Hồ sơ liên thông',
    owner: members[0][0].node,
    members: members.map(([{ card }, ...roles]) => sampleMember(card, roles)),
    label: { sensitivity: 'INTERNAL', secrecy: 'NONE', personalData: 'NONE' },
    notBefore: '2026-11-02T00:00:00.000Z',
    notAfter: '2026-12-02T00:00:00.000Z',
    ...changes,
  });
}
