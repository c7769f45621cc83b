/**
 * A state cipher in a PKCS#11 device. The key of a place is derived from the device's key, that of an id from the key
 * of its place (CKM_AES_CBC_ENCRYPT_DATA over a hash, 32 bytes): session objects that cannot be read out. What is
 * sealed once under an id's key (CKM_AES_GCM) needs no other nonce.
 */
import type { Handle } from 'pkcs11js';
import { DongboError } from '#agent/core/errors.ts';
import { isReason, reasonOf } from './pkcs11-binding.ts';
import { closeToken, openToken, type Token, type TokenPlace } from './pkcs11-token.ts';
import {
  type CipherKeyName,
  checkLength,
  checkPlace,
  checkText,
  gcmTagLength,
  type KeyPlace,
  type StateCipherProvider,
} from './state-cipher.ts';

/** Places whose keys stay in the device between calls. An epoch has five. */
const keptPlaces = 64;
const macLength = 32;
const zeros = (length: number): Buffer => Buffer.alloc(length);
const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

type Use = 'mac' | 'derive' | 'gcm';

export class Pkcs11Cipher implements StateCipherProvider {
  readonly key: CipherKeyName;
  readonly #token: Token;
  readonly #kept = new Map<string, Handle>();

  private constructor(token: Token, label: string) {
    this.#token = token;
    const check = this.mac(checkPlace, checkText).subarray(0, checkLength);
    this.key = { label, check: Buffer.from(check).toString('hex') };
  }

  /** Throws what `openToken` throws. */
  static async open(place: TokenPlace, pin: () => Promise<string>): Promise<Pkcs11Cipher> {
    const token = await openToken(place, pin);
    try {
      return new Pkcs11Cipher(token, place.keyLabel);
    } catch (error) {
      closeToken(token);
      throw error;
    }
  }

  mac(place: KeyPlace, data: Uint8Array): Uint8Array {
    const { calls, constants } = this.#token.library;
    return this.#asked((session) => {
      calls.C_SignInit(session, { mechanism: constants.CKM_SHA256_HMAC }, this.#keyAt(place, 'mac'));
      return calls.C_Sign(session, bufferOf(data), zeros(macLength));
    });
  }

  seal(place: KeyPlace, id: Uint8Array, aad: Uint8Array, plain: Uint8Array): Uint8Array {
    const { calls } = this.#token.library;
    return this.#asked((session) =>
      this.#withKeyOf(place, id, (key) => {
        calls.C_EncryptInit(session, this.#gcm(aad), key);
        return calls.C_Encrypt(session, bufferOf(plain), zeros(plain.length + gcmTagLength));
      }),
    );
  }

  open(place: KeyPlace, id: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    return this.#asked((session) =>
      this.#withKeyOf(place, id, (key) => this.#decrypted(session, key, aad, sealed)),
    );
  }

  /** Makers differ in how they say that a tag is wrong: when the device is still there, it was that. */
  #decrypted(session: Handle, key: Handle, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const { calls } = this.#token.library;
    calls.C_DecryptInit(session, this.#gcm(aad), key);
    try {
      return calls.C_Decrypt(session, bufferOf(sealed), zeros(sealed.length));
    } catch (error) {
      if (isReason(error, 'CKR_DEVICE_REMOVED', 'CKR_TOKEN_NOT_PRESENT', 'CKR_SESSION_HANDLE_INVALID'))
        throw error;
      this.probe();
      return undefined;
    }
  }

  #gcm(aad: Uint8Array) {
    const { constants } = this.#token.library;
    const sizes = { ivBits: 96, tagBits: gcmTagLength * 8 };
    const parameter = { type: constants.CK_PARAMS_AES_GCM, iv: zeros(12), aad: bufferOf(aad), ...sizes };
    return { mechanism: constants.CKM_AES_GCM, parameter };
  }

  #withKeyOf<T>(place: KeyPlace, id: Uint8Array, work: (key: Handle) => T): T {
    const { calls } = this.#token.library;
    const key = this.#derive(this.#keyAt(place, 'derive'), id, 'gcm');
    try {
      return work(key);
    } finally {
      calls.C_DestroyObject(this.#token.session, key);
    }
  }

  #keyAt(place: KeyPlace, use: Use): Handle {
    const name = `${use}/${bufferOf(place).toString('hex')}`;
    const kept = this.#kept.get(name);
    if (kept) return kept;
    const key = this.#derive(this.#token.key, place, use);
    this.#kept.set(name, key);
    this.#letGo();
    return key;
  }

  #letGo(): void {
    const [oldest] = this.#kept;
    if (this.#kept.size <= keptPlaces || !oldest) return;
    this.#kept.delete(oldest[0]);
    this.#token.library.calls.C_DestroyObject(this.#token.session, oldest[1]);
  }

  /** `from` encrypts `data` in CBC mode, and that is the key. */
  #derive(from: Handle, data: Uint8Array, use: Use): Handle {
    const { calls, constants } = this.#token.library;
    const parameter = { type: constants.CK_PARAMS_AES_CBC, iv: zeros(16), data: bufferOf(data) };
    const mechanism = { mechanism: constants.CKM_AES_CBC_ENCRYPT_DATA, parameter };
    return calls.C_DeriveKey(this.#token.session, mechanism, from, this.#template(use));
  }

  #template(use: Use) {
    const { constants: c } = this.#token.library;
    const uses = { mac: [c.CKA_SIGN], derive: [c.CKA_DERIVE], gcm: [c.CKA_ENCRYPT, c.CKA_DECRYPT] }[use];
    return [
      { type: c.CKA_CLASS, value: c.CKO_SECRET_KEY },
      { type: c.CKA_KEY_TYPE, value: use === 'mac' ? c.CKK_GENERIC_SECRET : c.CKK_AES },
      { type: c.CKA_VALUE_LEN, value: macLength },
      { type: c.CKA_TOKEN, value: false },
      { type: c.CKA_SENSITIVE, value: true },
      { type: c.CKA_EXTRACTABLE, value: false },
      ...uses.map((type) => ({ type, value: true })),
    ];
  }

  /** Keys of this session may outlive the token in a library's memory: the key itself is asked for. */
  probe(): void {
    const { library, key } = this.#token;
    const { calls, constants } = library;
    this.#asked((session) => calls.C_GetAttributeValue(session, key, [{ type: constants.CKA_LABEL }]));
  }

  #asked<T>(work: (session: Handle) => T): T {
    try {
      return work(this.#token.session);
    } catch (error) {
      if (error instanceof DongboError) throw error;
      throw new DongboError(
        'CIPHER_DEVICE_GONE',
        { reason: reasonOf(error) },
        { retry: 'later', cause: error },
      );
    }
  }

  [Symbol.dispose](): void {
    this.#kept.clear();
    closeToken(this.#token);
  }
}
