/** One token of a PKCS#11 device: found by its label, logged in to, with the one key that its label names. */
import type { Handle, PKCS11 } from 'pkcs11js';
import { type Details, DongboError } from '#agent/core/errors.ts';
import { isReason, type Library, loadLibrary, reasonOf, unloadLibrary } from './pkcs11-binding.ts';

export interface TokenPlace {
  /** Absolute path of the maker's library. */
  readonly module: string;
  readonly tokenLabel: string;
  readonly keyLabel: string;
}

export interface Token {
  readonly library: Library;
  readonly session: Handle;
  readonly key: Handle;
}

/** Waiting may help, unless a person has to act: then it is not tried again by itself. */
const refused = (code: string, details: Details, cause?: unknown): DongboError =>
  new DongboError(code, details, { retry: code.startsWith('CIPHER_PIN_') ? 'never' : 'later', cause });

/**
 * `pin` is asked for once the token is found. Throws CIPHER_BINDING_MISSING, CIPHER_MODULE_UNUSABLE,
 * CIPHER_TOKEN_ABSENT, CIPHER_MECHANISM_MISSING, CIPHER_PIN_WRONG, CIPHER_PIN_LOCKED, CIPHER_KEY_ABSENT,
 * CIPHER_KEY_UNFIT, CIPHER_DEVICE_GONE, and what `pin` throws.
 */
export async function openToken(place: TokenPlace, pin: () => Promise<string>): Promise<Token> {
  const library = await loadLibrary(place.module);
  try {
    const slot = slotOf(library, place.tokenLabel);
    checkMechanisms(library, slot);
    const session = library.calls.C_OpenSession(slot, library.constants.CKF_SERIAL_SESSION);
    logIn(library, { slot, session }, place, await pin());
    return { library, session, key: keyOf(library, session, place.keyLabel) };
  } catch (error) {
    unloadLibrary(library);
    if (error instanceof DongboError) throw error;
    throw refused('CIPHER_DEVICE_GONE', { reason: reasonOf(error) }, error);
  }
}

/** Labels are padded with blanks. */
function slotOf({ calls }: Library, tokenLabel: string): Handle {
  const slots = calls.C_GetSlotList(true).filter((slot) => labelOf(calls, slot) === tokenLabel);
  const [slot] = slots;
  if (!slot || slots.length > 1)
    throw refused('CIPHER_TOKEN_ABSENT', { token: tokenLabel, found: slots.length });
  return slot;
}

function labelOf(calls: PKCS11, slot: Handle): string | undefined {
  try {
    return calls.C_GetTokenInfo(slot).label.trimEnd();
  } catch {
    return undefined;
  }
}

/** Only what the device itself offers: nothing is made up for it. */
function checkMechanisms({ calls, constants }: Library, slot: Handle): void {
  const offered = new Set(calls.C_GetMechanismList(slot));
  const { CKM_AES_CBC_ENCRYPT_DATA, CKM_SHA256_HMAC, CKM_AES_GCM } = constants;
  const needed = { CKM_AES_CBC_ENCRYPT_DATA, CKM_SHA256_HMAC, CKM_AES_GCM };
  for (const [mechanism, id] of Object.entries(needed))
    if (!offered.has(id)) throw refused('CIPHER_MECHANISM_MISSING', { mechanism });
}

/** The last try before the token locks itself is left to a person. */
function logIn(
  { calls, constants }: Library,
  { slot, session }: { readonly slot: Handle; readonly session: Handle },
  { tokenLabel: token }: TokenPlace,
  pin: string,
): void {
  const { flags } = calls.C_GetTokenInfo(slot);
  if ((flags & (constants.CKF_USER_PIN_LOCKED | constants.CKF_USER_PIN_FINAL_TRY)) !== 0)
    throw refused('CIPHER_PIN_LOCKED', { token });
  try {
    calls.C_Login(session, constants.CKU_USER, pin);
  } catch (error) {
    if (isReason(error, 'CKR_USER_ALREADY_LOGGED_IN')) return;
    if (isReason(error, 'CKR_PIN_LOCKED')) throw refused('CIPHER_PIN_LOCKED', { token });
    const wrong = isReason(error, 'CKR_PIN_INCORRECT', 'CKR_PIN_INVALID', 'CKR_PIN_LEN_RANGE');
    if (wrong) throw refused('CIPHER_PIN_WRONG', { token });
    throw error;
  }
}

function keyOf(library: Library, session: Handle, keyLabel: string): Handle {
  const { calls, constants } = library;
  calls.C_FindObjectsInit(session, [
    { type: constants.CKA_CLASS, value: constants.CKO_SECRET_KEY },
    { type: constants.CKA_KEY_TYPE, value: constants.CKK_AES },
    { type: constants.CKA_LABEL, value: keyLabel },
  ]);
  const found = calls.C_FindObjects(session, 2);
  calls.C_FindObjectsFinal(session);
  const [key] = found;
  if (!key || found.length > 1) throw refused('CIPHER_KEY_ABSENT', { key: keyLabel, found: found.length });
  const unfit = unfitOf(library, session, key);
  if (unfit !== undefined) throw refused('CIPHER_KEY_UNFIT', { key: keyLabel, attribute: unfit });
  return key;
}

const keyBytes = 32;

/** A key that could be read out of the device is none for state secrets. Returns the attribute that is not as it must be. */
function unfitOf({ calls, constants }: Library, session: Handle, key: Handle): string | undefined {
  const { CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_DERIVE, CKA_VALUE_LEN } = constants;
  const wanted = { CKA_SENSITIVE: 1, CKA_EXTRACTABLE: 0, CKA_DERIVE: 1, CKA_VALUE_LEN: keyBytes };
  const types = [CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_DERIVE, CKA_VALUE_LEN].map((type) => ({ type }));
  const values = calls.C_GetAttributeValue(session, key, types).map(({ value }) => firstByte(value));
  return Object.entries(wanted).find(([, value], i) => values[i] !== value)?.[0];
}

const firstByte = (value: unknown): number | undefined => (Buffer.isBuffer(value) ? value[0] : undefined);

export function closeToken({ library, session }: Token): void {
  try {
    library.calls.C_CloseSession(session);
  } catch {
    // It went with the device.
  }
  unloadLibrary(library);
}
