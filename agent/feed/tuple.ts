/** Reads a decoded CBOR array by position. What it reads was written by this node, so a complaint means damage. */
import { DongboError } from '#agent/core/errors.ts';
import { hexText } from '#agent/core/ids.ts';

export class Tuple {
  readonly #what: string;
  readonly #values: readonly unknown[];
  #at = 0;

  /** Throws STATE_DAMAGED when `value` is no array of `length` (any when undefined). */
  constructor(what: string, value: unknown, length?: number) {
    this.#what = what;
    if (!Array.isArray(value) || (length !== undefined && value.length !== length)) this.fail('an array');
    this.#values = value;
  }

  fail(rule: string): never {
    throw new DongboError('STATE_DAMAGED', { dir: 'db', rule: `${this.#what} must be ${rule}` });
  }

  next(): unknown {
    return this.#values[this.#at++];
  }

  more(): boolean {
    return this.#at < this.#values.length;
  }

  int(): number {
    const value = this.next();
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : this.fail('an integer');
  }

  wide(): bigint {
    const value = this.next();
    return typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : this.fail('an integer');
  }

  text(): string {
    const value = this.next();
    return typeof value === 'string' ? value : this.fail('text');
  }

  bytes(): Uint8Array {
    const value = this.next();
    return value instanceof Uint8Array ? value : this.fail('bytes');
  }

  hex(): string {
    return hexText(this.bytes());
  }

  /** Undefined for null, else what `read` makes of the value. */
  optional<T>(read: (value: unknown) => T): T | undefined {
    const value = this.next();
    return value === null ? undefined : read(value);
  }
}
