/** A space that may carry state secrets, and nodes with a device that a test holds in its hands. */
import type { Agreement, Role } from '#agent/core/agreement.ts';
import type { CipherApproval } from '#agent/core/agreement-terms.ts';
import type { CipherProduct } from '#agent/core/cipher-product.ts';
import type { Emit } from '#agent/core/event.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { CipherSlot } from '#agent/seal/cipher-slot.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { sampleKey, sampleLabel } from '#test/contract/state-cipher.ts';
import { MemoryCipher } from '#test/seal/memory-cipher.ts';
import { sampleMember } from '#test/trust/agreed.ts';
import { draft } from '#test/trust/parties.ts';

export const never = new AbortController().signal;
const both: Role[] = ['publish', 'subscribe'];

export const approvedCipher: CipherApproval = {
  name: 'Thiết bị mật mã mẫu',
  approval: '01/GCN-BCY',
  highest: 'TOI_MAT',
  validUntil: '2999-01-01T00:00:00.000Z',
};

export const product: CipherProduct = {
  ...approvedCipher,
  validUntil: Date.parse(approvedCipher.validUntil),
};

export const decided = { decidedBy: 'Giám đốc Sở', decisionRef: '12/QĐ-SNV' } as const;
export const secretRules: readonly LabelRule[] = [
  { path: '**', sensitivity: 'INTERNAL' },
  { path: '/mat/', secrecy: 'MAT', ...decided },
];

const top = { sensitivity: 'INTERNAL', secrecy: 'TOI_MAT', personalData: 'NONE' } as const;

/** Both publish and subscribe, approved at level 3, cleared up to the label. */
export function secretDraft(
  [a, b]: readonly [Identity, Identity],
  changes: Partial<CipherApproval> = {},
  label: Agreement['label'] = top,
): Agreement {
  const members = [a, b].map(({ card }) => ({
    ...sampleMember(card, both, 'INTERNAL+TOI_MAT'),
    stateCipher: { ...approvedCipher, ...changes },
  }));
  return draft([[a, ...both] as const], { members, label });
}

export const secretAgreement = (parties: readonly [Identity, Identity], changes?: Partial<CipherApproval>) =>
  signAgreement(secretDraft(parties, changes), parties[0]);

/** A device that can be pulled out and put back. Times stand still: each tick may try again. */
export class TestDevice {
  readonly slot: CipherSlot;
  readonly #key: Uint8Array;
  #cipher: MemoryCipher | undefined;
  #in = true;
  #now = 0;

  constructor(
    key: Uint8Array = sampleKey,
    changes: Partial<CipherProduct> = {},
    emit: Emit = () => undefined,
  ) {
    this.#key = key;
    this.slot = new CipherSlot({
      product: { ...product, ...changes },
      emit,
      clock: { monotonic: () => this.#now },
      open: async () => {
        const cipher = new MemoryCipher(sampleLabel, this.#key);
        if (!this.#in) cipher.takeAway();
        cipher.probe();
        this.#cipher = cipher;
        return cipher;
      },
    });
  }

  static async ready(key?: Uint8Array, changes?: Partial<CipherProduct>): Promise<TestDevice> {
    const device = new TestDevice(key, changes);
    await device.slot.tick(never);
    return device;
  }

  /** Nobody is told: it shows at the next call. */
  pullOut(): void {
    this.#in = false;
    this.#cipher?.takeAway();
  }

  async putBack(): Promise<void> {
    this.#in = true;
    await this.tick();
  }

  async tick(): Promise<void> {
    this.#now += 3_600_000;
    await this.slot.tick(never);
  }
}
