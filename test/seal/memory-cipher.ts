/** A state cipher whose device is this process: for tests only. It computes what a PKCS#11 device of that key does. */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { DongboError } from '#agent/core/errors.ts';
import {
  checkLength,
  checkPlace,
  checkText,
  gcmTagLength,
  type KeyPlace,
  type StateCipherProvider,
} from '#agent/seal/state-cipher.ts';

export class MemoryCipher implements StateCipherProvider {
  readonly key;
  readonly #secret: Uint8Array;
  #gone = false;

  constructor(label: string, secret: Uint8Array) {
    this.#secret = secret;
    const check = this.mac(checkPlace, checkText).subarray(0, checkLength);
    this.key = { label, check: Buffer.from(check).toString('hex') };
  }

  /** As when the device is pulled out. */
  takeAway(): void {
    this.#gone = true;
  }

  mac(place: KeyPlace, data: Uint8Array): Uint8Array {
    this.probe();
    return createHmac('sha256', derived(this.#secret, place)).update(data).digest();
  }

  seal(place: KeyPlace, id: Uint8Array, aad: Uint8Array, plain: Uint8Array): Uint8Array {
    this.probe();
    const gcm = createCipheriv('aes-256-gcm', this.#keyOf(place, id), new Uint8Array(12));
    gcm.setAAD(aad);
    return Buffer.concat([gcm.update(plain), gcm.final(), gcm.getAuthTag()]);
  }

  open(place: KeyPlace, id: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    this.probe();
    const gcm = createDecipheriv('aes-256-gcm', this.#keyOf(place, id), new Uint8Array(12), {
      authTagLength: gcmTagLength,
    });
    const end = sealed.length - gcmTagLength;
    gcm.setAAD(aad);
    gcm.setAuthTag(sealed.subarray(end));
    try {
      return Buffer.concat([gcm.update(sealed.subarray(0, end)), gcm.final()]);
    } catch {
      return undefined;
    }
  }

  #keyOf(place: KeyPlace, id: Uint8Array): Uint8Array {
    return derived(derived(this.#secret, place), id);
  }

  probe(): void {
    if (this.#gone) throw new DongboError('CIPHER_DEVICE_GONE', { reason: 'taken away' }, { retry: 'later' });
  }

  [Symbol.dispose](): void {
    this.#gone = true;
  }
}

function derived(key: Uint8Array, data: Uint8Array): Uint8Array {
  const cbc = createCipheriv('aes-256-cbc', key, new Uint8Array(16));
  cbc.setAutoPadding(false);
  return Buffer.concat([cbc.update(data), cbc.final()]);
}
