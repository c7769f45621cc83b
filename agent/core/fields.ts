/** Reads the fields of a decoded map one by one; every complaint names the thing and the field. */
import { DongboError } from './errors.ts';
import { hexText } from './ids.ts';

export class Fields {
  readonly #what: string;
  readonly #map: Readonly<Record<string, unknown>>;
  readonly #left: Set<string>;

  /** Throws CODEC_MALFORMED when `value` is no map. */
  constructor(what: string, value: unknown) {
    this.#what = what;
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isMap || value instanceof Uint8Array) this.fail('(all)', 'a map');
    this.#map = value as Readonly<Record<string, unknown>>;
    this.#left = new Set(Object.keys(this.#map));
  }

  fail(field: string, rule: string): never {
    throw new DongboError('CODEC_MALFORMED', { what: this.#what, field, rule });
  }

  has(field: string): boolean {
    return this.#left.has(field);
  }

  raw(field: string): unknown {
    if (!Object.hasOwn(this.#map, field)) this.fail(field, 'present');
    this.#left.delete(field);
    return this.#map[field];
  }

  /** A byte string; with `length`, of exactly so many bytes. */
  bytes(field: string, length?: number): Uint8Array {
    const value = this.raw(field);
    if (!(value instanceof Uint8Array)) return this.fail(field, 'bytes');
    if (length !== undefined && value.length !== length) this.fail(field, `${length} bytes`);
    return value;
  }

  /** A byte string that is not empty. */
  someBytes(field: string): Uint8Array {
    const value = this.bytes(field);
    return value.length > 0 ? value : this.fail(field, 'not empty');
  }

  /** A byte string as hex text, made into an identifier by `parse`. */
  id<T extends string>(field: string, bytes: number, parse: (text: unknown) => T): T {
    return parse(hexText(this.bytes(field, bytes)));
  }

  /** As `id`; undefined for null. */
  optionalId<T extends string>(field: string, bytes: number, parse: (text: unknown) => T): T | undefined {
    if (this.#map[field] !== null) return this.id(field, bytes, parse);
    this.#left.delete(field);
    return undefined;
  }

  /** An integer from `least` to `most`, both safe. */
  int(field: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.raw(field);
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return this.fail(field, 'an integer');
    if (value < least || value > most) this.fail(field, `from ${least} to ${most}`);
    return value;
  }

  /** A signed 64-bit integer. */
  int64(field: string): bigint {
    const value = this.raw(field);
    if (typeof value !== 'number' && typeof value !== 'bigint') return this.fail(field, 'an integer');
    const wide = BigInt(value);
    if (BigInt.asIntN(64, wide) !== wide) this.fail(field, '64 bits');
    return wide;
  }

  /** Text of at least one and at most `most` UTF-16 units. */
  text(field: string, most: number): string {
    const value = this.raw(field);
    if (typeof value !== 'string') return this.fail(field, 'text');
    if (value.length < 1 || value.length > most) this.fail(field, `1 to ${most} characters`);
    return value;
  }

  /** One of the texts listed. */
  oneOf<T extends string>(field: string, choices: readonly T[]): T {
    const value = this.raw(field);
    return choices.find((c) => c === value) ?? this.fail(field, choices.join(' | '));
  }

  list(field: string, least: number, most: number): readonly unknown[] {
    const value = this.raw(field);
    if (!Array.isArray(value)) return this.fail(field, 'a list');
    if (value.length < least || value.length > most) this.fail(field, `${least} to ${most} entries`);
    return value;
  }

  /** Refuses fields that nobody asked for. Call last. */
  end(): void {
    for (const field of this.#left) this.fail(field.slice(0, 40), 'no such field');
  }
}
