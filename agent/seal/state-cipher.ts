/**
 * Seam: a product for state secrets. Its key was brought into the device by the authority for state ciphers, outside of
 * dongbo; it never leaves the device, and no key of our own ever touches what is sealed here.
 *
 * Concurrency: one caller at a time; a call is over when it returns, and takes at most one chunk. Failure: each method
 * throws CIPHER_DEVICE_GONE ({reason}) when the device does not answer as it should. Determinism: the same key, place
 * and data give the same bytes on every device of the same key, or readers could not open.
 */

/** Which key of the device. `check` proves, without showing anything of it, that two devices hold the same. */
export interface CipherKeyName {
  readonly label: string;
  /** 16 bytes, hex. */
  readonly check: string;
}

/** 32 bytes that name what a key is for: each place has keys of its own, derived in the device. */
export type KeyPlace = Uint8Array;

export interface StateCipherProvider extends Disposable {
  readonly key: CipherKeyName;
  /** HMAC-SHA-256 under the key of `place`: 32 bytes. `data` has at least one byte: devices refuse none. */
  mac(place: KeyPlace, data: Uint8Array): Uint8Array;
  /**
   * AES-256-GCM under a key derived for `id` (32 bytes) at `place`: ciphertext, then tag (16 bytes). The nonce is a
   * constant, so an id must stand for one plaintext only: callers make it a keyed hash of that.
   */
  seal(place: KeyPlace, id: Uint8Array, aad: Uint8Array, plain: Uint8Array): Uint8Array;
  /** Undefined when a bit, the id, the place or the associated data differ. */
  open(place: KeyPlace, id: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
  /** Throws CIPHER_DEVICE_GONE when the device has been taken away. */
  probe(): void;
}

export const gcmTagLength = 16;
/** Where the check value of a key is made: a place that nothing is sealed at. */
export const checkPlace: KeyPlace = new Uint8Array(32);
export const checkText: Uint8Array = Buffer.from('dongbo/v1/state-cipher/check');
export const checkLength = 16;
