/** State secrets are under a device's keys and nothing else is: whoever grants otherwise is refused. */
import { beforeAll, expect, it } from 'vitest';
import type { Agreement } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import { type Origin, parseIncarnation } from '#agent/core/ids.ts';
import type { GrantRecord } from '#agent/core/record.ts';
import { DeviceKeys } from '#agent/seal/device-keys.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import type { EpochCipher } from '#agent/seal/keyring-parts.ts';
import { sampleKey, sampleLabel } from '#test/contract/state-cipher.ts';
import { secretDraft } from '#test/cycle/secret-space.ts';
import { makeParties, SetClock, seededRandom } from '#test/trust/parties.ts';
import { MemoryCipher } from './memory-cipher.ts';
import { MemorySecrets } from './memory-secrets.ts';

const secretClass = 'INTERNAL+MAT';
let a: Identity;
let b: Identity;
let agreement: Agreement;
let origin: Origin;

beforeAll(async () => {
  [a, b] = await makeParties('H29.1', 'H29.2');
  agreement = secretDraft([a, b]);
  origin = { node: a.node, incarnation: parseIncarnation('0a'.repeat(8)) };
});

function deviceOf(secret: Uint8Array = sampleKey): EpochCipher {
  const cipher = new MemoryCipher(sampleLabel, secret);
  return {
    keyFor: () => cipher.key,
    opens: (_space, _class, { check }) => check === cipher.key.check,
    use: (_key, work) => work(cipher),
  };
}

const ringOf = (identity: Identity, cipher?: EpochCipher, store = new MemorySecrets()) =>
  new Keyring({
    identity,
    store,
    random: seededRandom(`ring ${identity.agency}`),
    clock: new SetClock(),
    suiteOf: () => 'nacl-pq',
    ...(cipher ? { cipher } : {}),
  });

async function granted(ring: Keyring, labelClass = secretClass) {
  const { keys } = await ring.current(agreement, origin, labelClass);
  return { keys, record: await ring.grant(agreement, keys) };
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error) => (error instanceof DongboError ? error.code : String(error)),
  );

it('opens for who has the key in a device, now and after a restart', async () => {
  const { keys, record } = await granted(ringOf(a, deviceOf()));
  const sealed = keys.sealRecord(Buffer.from('bản ghi'));
  const store = new MemorySecrets();
  await ringOf(b, deviceOf(), store).learn(agreement.space, origin, record);
  const again = await ringOf(b, deviceOf(), store).keysFor(agreement.space, origin, keys.epoch);
  expect(again).toBeInstanceOf(DeviceKeys);
  expect(Buffer.from(again?.openRecord(sealed) ?? []).toString()).toBe('bản ghi');
  const without = ringOf(b, undefined, store);
  expect(await without.keysFor(agreement.space, origin, keys.epoch)).toBeUndefined();
  expect(await without.classOf(agreement.space, origin, keys.epoch)).toBe(secretClass);
  const other = ringOf(b, deviceOf(new Uint8Array(32)), store);
  expect(await other.keysFor(agreement.space, origin, keys.epoch)).toBeUndefined();
});

it('begins a new epoch when another key has come into the device, and not otherwise', async () => {
  const store = new MemorySecrets();
  const first = await granted(ringOf(a, deviceOf(), store));
  expect((await granted(ringOf(a, deviceOf(), store))).keys.epoch).toBe(first.keys.epoch);
  expect((await granted(ringOf(a, deviceOf(new Uint8Array(32)), store))).keys.epoch).toBe(2);
});

it('has no epoch of state secrets without a device', async () => {
  expect(await codeOf(granted(ringOf(a)))).toBe('SECRET_NO_APPROVED_CIPHER');
});

it('refuses a secret label under our own suite, and any other label under a device', async () => {
  const ring = ringOf(a, deviceOf());
  const secret = (await granted(ring)).record;
  const plain = (await granted(ring, 'INTERNAL')).record;
  const swapped: GrantRecord[] = [
    { ...plain, labelClass: secretClass },
    { ...secret, labelClass: 'INTERNAL' },
    { ...secret, suite: 'nacl-pq' },
    { ...plain, suite: 'state-cipher' },
  ];
  for (const record of swapped)
    expect(await codeOf(ringOf(b, deviceOf()).learn(agreement.space, origin, record))).toBe(
      'GRANT_OTHER_SUITE',
    );
});

it('refuses a grant that is no name of a key, and one that names another key than before', async () => {
  const { record } = await granted(ringOf(a, deviceOf()));
  const broken = (change: object): GrantRecord => ({
    ...record,
    grants: record.grants.map((grant) => ({ ...grant, ...change })),
  });
  const ring = ringOf(b, deviceOf());
  const learn = (one: GrantRecord) => codeOf(ring.learn(agreement.space, origin, one));
  expect(await learn(broken({ sealed: new Uint8Array(15) }))).toBe('GRANT_TAMPERED');
  expect(await learn(broken({ enc: Uint8Array.of(0xff) }))).toBe('GRANT_TAMPERED');
  expect(await learn(record)).toBe('none');
  expect(await learn(broken({ sealed: new Uint8Array(16) }))).toBe('GRANT_CHANGED');
});
