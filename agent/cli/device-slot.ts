/** The device for state secrets that the configuration names. */
import type { Emit } from '#agent/core/event.ts';
import { DongboError } from '#agent/core/errors.ts';
import { CipherSlot } from '#agent/seal/cipher-slot.ts';
import { errnoOf, readTextFile } from '#agent/seal/files.ts';
import { Pkcs11Cipher } from '#agent/seal/pkcs11-cipher.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Config } from './config-schema.ts';

const maxPinBytes = 256;

/** Undefined where none is configured. Nothing is opened before its first `tick`. */
export function slotOf(
  { stateCipher }: Pick<Config, 'stateCipher'>,
  { clock, emit }: { readonly clock: Clock; readonly emit: Emit },
): CipherSlot | undefined {
  if (!stateCipher) return undefined;
  const { module, tokenLabel, keyLabel, pinFile, product: name, approval, highest, validUntil } = stateCipher;
  const product = { name, approval, highest, validUntil: Date.parse(validUntil) };
  const place = { module, tokenLabel, keyLabel };
  return new CipherSlot({
    product,
    clock,
    emit,
    open: (signal) =>
      Pkcs11Cipher.open(place, async () => {
        signal.throwIfAborted();
        return readPin(pinFile);
      }),
  });
}

/** Throws CIPHER_PIN_UNREADABLE. The PIN goes to the device and nowhere else. */
async function readPin(file: string): Promise<string> {
  try {
    const text = await readTextFile(file, maxPinBytes, ({ mode }) => {
      if ((mode & 0o077) !== 0) throw Object.assign(new Error('open to others'), { code: 'EPERM' });
    });
    return text.replace(/\r?\n$/, '');
  } catch (error) {
    throw new DongboError('CIPHER_PIN_UNREADABLE', { file, errno: errnoOf(error) }, { retry: 'later' });
  }
}
