/**
 * Where the device for state secrets is, or is not. It is opened at the start, looked at every few seconds, and opened
 * again, ever less often, after it went away. A PIN that was refused is not tried a second time by this process.
 */
import type { CipherProduct } from '#agent/core/cipher-product.ts';
import { type Details, DongboError } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { CipherKeyName, StateCipherProvider } from './state-cipher.ts';

export interface CipherSlotParts {
  readonly product: CipherProduct;
  readonly open: (signal: AbortSignal) => Promise<StateCipherProvider>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly emit: Emit;
}

/** Why secret items may not be handled now. */
export interface CipherFault {
  readonly code: string;
  readonly details: Details;
}

const retryMs = { least: 2_000, most: 60_000 };

export class CipherSlot implements Disposable {
  readonly product: CipherProduct;
  readonly #parts: CipherSlotParts;
  readonly #listeners: (() => void)[] = [];
  #device: StateCipherProvider | undefined;
  #fault: CipherFault | undefined = { code: 'CIPHER_DEVICE_GONE', details: { reason: 'not opened yet' } };
  #told: string | undefined;
  #failures = 0;
  #nextTry = 0;

  constructor(parts: CipherSlotParts) {
    this.#parts = parts;
    this.product = parts.product;
  }

  /** Undefined while the device can be used. */
  get fault(): CipherFault | undefined {
    return this.#fault;
  }

  /** Told each time that the device came, or went. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The key that the device holds now. Throws the fault. */
  get key(): CipherKeyName {
    return this.#mustHave().key;
  }

  /** Whether the device is here, with that very key. */
  holds(key: CipherKeyName): boolean {
    return this.#device !== undefined && sameKey(this.#device.key, key);
  }

  /** One call to the device. Throws the fault, CIPHER_KEY_OTHER, and what the call throws. */
  use<T>(key: CipherKeyName, work: (device: StateCipherProvider) => T): T {
    const device = this.#mustHave();
    if (!sameKey(device.key, key))
      throw new DongboError('CIPHER_KEY_OTHER', { key: key.label }, { retry: 'later' });
    try {
      return work(device);
    } catch (error) {
      if (error instanceof DongboError && error.code === 'CIPHER_DEVICE_GONE') this.#lose(error);
      throw error;
    }
  }

  #mustHave(): StateCipherProvider {
    if (this.#device) return this.#device;
    const { code, details } = this.#fault ?? { code: 'CIPHER_DEVICE_GONE', details: {} };
    throw new DongboError(code, details, { retry: 'later' });
  }

  /** Every few seconds: whether the device is still there, or back. */
  async tick(signal: AbortSignal): Promise<void> {
    if (this.#device) return this.#probe(this.#device);
    if (this.#parts.clock.monotonic() < this.#nextTry) return;
    try {
      const device = await this.#parts.open(signal);
      if (signal.aborted) return device[Symbol.dispose]();
      this.#take(device);
    } catch (error) {
      if (!(error instanceof DongboError)) throw error;
      this.#failed(error);
    }
  }

  #probe(device: StateCipherProvider): void {
    try {
      device.probe();
    } catch (error) {
      if (!(error instanceof DongboError)) throw error;
      this.#lose(error);
    }
  }

  #take(device: StateCipherProvider): void {
    this.#device = device;
    this.#fault = undefined;
    this.#failures = 0;
    this.#told = undefined;
    const { name, approval, highest } = this.product;
    this.#parts.emit({ type: 'note', code: 'CIPHER_READY', details: { name, approval, highest } });
    this.#changed();
  }

  #lose(error: DongboError): void {
    const device = this.#device;
    this.#device = undefined;
    this.#failed(error);
    device?.[Symbol.dispose]();
    this.#changed();
  }

  /** What a person has to mend is not tried again: a token locks itself after a few wrong PINs. */
  #failed({ code, details, retry }: DongboError): void {
    this.#fault = { code, details };
    const wait = Math.min(retryMs.least * 2 ** this.#failures, retryMs.most);
    this.#failures += 1;
    this.#nextTry = retry === 'never' ? Number.POSITIVE_INFINITY : this.#parts.clock.monotonic() + wait;
    if (this.#told !== code) this.#parts.emit({ type: 'error', code, details });
    this.#told = code;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  [Symbol.dispose](): void {
    this.#device?.[Symbol.dispose]();
    this.#device = undefined;
  }
}

export const sameKey = (a: CipherKeyName, b: CipherKeyName): boolean =>
  a.label === b.label && a.check === b.check;
