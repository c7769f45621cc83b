/** What the seal stage must do in a space of each suite: grants, feeds' signatures, chunks and records. */

import { beforeAll, describe, expect, it } from 'vitest';
import type { Agreement, Role } from '#agent/core/agreement.ts';
import { isCode } from '#agent/core/errors.ts';
import { type Origin, parseIncarnation } from '#agent/core/ids.ts';
import type { FeedDomain } from '#agent/core/signing.ts';
import { type SuiteName, suiteNames } from '#agent/core/suite-name.ts';
import type { ItemKeys } from '#agent/seal/item-keys.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { verifierOf } from '#agent/seal/space-verify.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { draft, makeParties, SetClock, seededRandom } from '#test/trust/parties.ts';

const both: Role[] = ['publish', 'subscribe'];
const plain = new TextEncoder().encode('Tờ trình số 5');
const domains: FeedDomain[] = ['segment', 'head', 'receipt'];

export function spaceSuiteContract(suite: SuiteName): void {
  const other = suiteNames.find((name) => name !== suite) ?? suite;
  let a: Identity;
  let b: Identity;
  let stranger: Identity;
  let agreement: Agreement;
  let origin: Origin;

  beforeAll(async () => {
    [a, b, stranger] = await makeParties('H29.1', 'H29.2', 'H29.3');
    const members = [[a, ...both] as const, [b, ...both] as const] as const;
    agreement = draft(members, { suite });
    origin = { node: a.node, incarnation: parseIncarnation('0a'.repeat(8)) };
  });

  const ringOf = (identity: Identity, store = new MemorySecrets(), suiteOf = () => agreement.suite) =>
    new Keyring({ identity, store, random: seededRandom(identity.agency), clock: new SetClock(), suiteOf });

  const epochOf = async (ring: Keyring): Promise<ItemKeys> =>
    (await ring.current(agreement, origin, 'INTERNAL')).keys;

  describe(`a space of suite ${suite}`, () => {
    it('grants its epochs with it, and readers open chunks and records, after a restart too', async () => {
      const ring = ringOf(a);
      const keys = await epochOf(ring);
      const record = await ring.grant(agreement, keys);
      expect({ keys: keys.suite, grant: record.suite }).toEqual({ keys: suite, grant: suite });
      const store = new MemorySecrets();
      await ringOf(b, store).learn(agreement.space, origin, record);
      const theirs = await ringOf(b, store).keysFor(agreement.space, origin, keys.epoch);
      const { id, sealed } = keys.seal(plain);
      expect(theirs?.openChunk(id, sealed)).toEqual(plain);
      expect(theirs?.openRecord(keys.sealRecord(plain))).toEqual(plain);
      expect(id).toMatch(/^[0-9a-f]{64}$/);
    });

    it('takes no grant of another suite', async () => {
      const ring = ringOf(a);
      const record = await ring.grant(agreement, await epochOf(ring));
      const refusedBy = (taking: Promise<void>) =>
        taking.then(
          () => 'nobody',
          (error: unknown) => (isCode(error, 'GRANT_OTHER_SUITE') ? error.code : error),
        );
      const renamed = { ...record, suite: other };
      expect(await refusedBy(ringOf(b).learn(agreement.space, origin, renamed))).toBe('GRANT_OTHER_SUITE');
      const unknown = { ...record, suite: 'none' };
      expect(await refusedBy(ringOf(b).learn(agreement.space, origin, unknown))).toBe('GRANT_OTHER_SUITE');
      // A sound grant of the other suite, as a publisher with a changed agreement would make it.
      const elsewhere = ringOf(b, new MemorySecrets(), () => other);
      expect(await refusedBy(elsewhere.learn(agreement.space, origin, record))).toBe('GRANT_OTHER_SUITE');
    });

    it('never seals under an epoch of another suite', async () => {
      const ring = ringOf(a);
      const before = await epochOf(ring);
      const moved = { ...agreement, suite: other };
      await expect(ring.grant(moved, before)).rejects.toMatchObject({ code: 'INVARIANT' });
      const after = (await ring.current(moved, origin, 'INTERNAL')).keys;
      expect({ suite: after.suite, epoch: after.epoch }).toEqual({ suite: other, epoch: before.epoch + 1 });
    });

    it('takes signatures of its members by the key of the suite, each in its domain', () => {
      const verify = verifierOf(agreement);
      for (const domain of domains) {
        const signature = a.sign(suite, domain, plain);
        expect(verify(a.node, domain, plain, signature)).toBe(true);
        expect(verify(b.node, domain, plain, signature)).toBe(false);
        expect(verify(a.node, domain, plain.subarray(1), signature)).toBe(false);
        expect(verify(a.node, domain, plain, signature.subarray(1))).toBe(false);
        for (const wrong of domains) expect(verify(a.node, wrong, plain, signature)).toBe(wrong === domain);
        expect(verify(a.node, domain, plain, a.sign(other, domain, plain))).toBe(false);
      }
    });

    it('takes no signature of a node that is no member', () => {
      const signature = stranger.sign(suite, 'head', plain);
      expect(verifierOf(agreement)(stranger.node, 'head', plain, signature)).toBe(false);
    });

    it('names items alike for the same path, and as no other suite does', async () => {
      const ring = ringOf(a);
      const tag = await ring.tagOf(agreement, 'a');
      expect(await ring.tagOf(agreement, 'a')).toBe(tag);
      expect(await ring.tagOf({ ...agreement, suite: other }, 'a')).not.toBe(tag);
    });
  });
}
