/** Takes exact counts of bytes from a stream of buffers, without reading ahead of what the stream hands over. */
import { DongboError } from '#agent/core/errors.ts';

export class ByteReader implements AsyncDisposable {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #limit: number;
  #buffer: Uint8Array = new Uint8Array(0);
  #taken = 0;

  /** Throws BODY_TOO_LARGE once the stream has given more than `limit` bytes. */
  constructor(source: AsyncIterable<Uint8Array>, limit: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#limit = limit;
  }

  /** The next `count` bytes, undefined at a clean end. Throws BODY_MALFORMED when the stream ends within them. */
  async take(count: number): Promise<Uint8Array | undefined> {
    if (this.#buffer.length === 0 && !(await this.#more())) return undefined;
    if (this.#buffer.length >= count) return this.#cut(count);
    // Not zeroed first: every byte of it is set below.
    const whole = new Uint8Array(Buffer.allocUnsafeSlow(count).buffer);
    let filled = 0;
    for (;;) {
      const part = this.#cut(Math.min(count - filled, this.#buffer.length));
      whole.set(part, filled);
      filled += part.length;
      if (filled === count) return whole;
      if (!(await this.#more())) throw new DongboError('BODY_MALFORMED', { rule: 'cut off within a frame' });
    }
  }

  /** As `take`, where the stream must not end. */
  async need(count: number): Promise<Uint8Array> {
    const bytes = await this.take(count);
    if (!bytes) throw new DongboError('BODY_MALFORMED', { rule: 'cut off within a frame' });
    return bytes;
  }

  #cut(count: number): Uint8Array {
    const part = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return part;
  }

  /** Waits for a buffer that is not empty; false at the end. */
  async #more(): Promise<boolean> {
    for (;;) {
      const next = await this.#source.next();
      if (next.done) return false;
      this.#taken += next.value.length;
      if (this.#taken > this.#limit) throw new DongboError('BODY_TOO_LARGE', { limit: this.#limit });
      // A plain view: a Buffer's `slice` does not copy, which no reader of a Uint8Array expects.
      this.#buffer = new Uint8Array(next.value.buffer, next.value.byteOffset, next.value.length);
      if (this.#buffer.length > 0) return true;
    }
  }

  /** Leaves the stream; its owner learns that nobody reads on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.return?.();
  }
}
