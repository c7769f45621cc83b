/** A state cipher in a PKCS#11 device, with SoftHSM as the device. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { DongboError } from '#agent/core/errors.ts';
import { Pkcs11Cipher } from '#agent/seal/pkcs11-cipher.ts';
import { sampleKey, sampleLabel, stateCipherContract } from '#test/contract/state-cipher.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { makeSoftToken, softModule, type SoftToken, within } from './soft-token.ts';
import { needs } from './tools.ts';

const has = spawnSync('softhsm2-util', ['--version']).status === 0;

const placeOf = ({ tokenLabel }: SoftToken) => ({ module: softModule, tokenLabel, keyLabel: sampleLabel });

if (has)
  stateCipherContract('PKCS#11 (SoftHSM)', async () => {
    const dir = await temporaryDir();
    const token = await makeSoftToken(dir.path, { key: sampleKey, keyLabel: sampleLabel });
    const cipher = await within(token.conf, () => Pkcs11Cipher.open(placeOf(token), async () => token.pin));
    return {
      cipher,
      takeAway: token.takeAway,
      [Symbol.asyncDispose]: async () => {
        cipher[Symbol.dispose]();
        await dir[Symbol.asyncDispose]();
      },
    };
  });

describe('a device that cannot be used', () => {
  it('is refused with the name of what is wrong', async (context) => {
    needs(context, 'softhsm2-util', 'softhsm2');
    await using dir = await temporaryDir();
    const token = await makeSoftToken(dir.path, { key: sampleKey, keyLabel: sampleLabel });
    const place = placeOf(token);
    const pin = async () => token.pin;
    const code = (changes: object, asked = pin) =>
      within(token.conf, async () => {
        try {
          (await Pkcs11Cipher.open({ ...place, ...changes }, asked))[Symbol.dispose]();
          return 'opened';
        } catch (error) {
          return error instanceof DongboError ? `${error.code} ${error.retry}` : String(error);
        }
      });
    expect(await code({})).toBe('opened');
    expect(await code({ module: '/nowhere.so' })).toBe('CIPHER_MODULE_UNUSABLE later');
    expect(await code({ tokenLabel: 'khac' })).toBe('CIPHER_TOKEN_ABSENT later');
    expect(await code({ keyLabel: 'khac' })).toBe('CIPHER_KEY_ABSENT later');
    expect(await code({}, async () => '000000')).toBe('CIPHER_PIN_WRONG never');
    await token.takeAway();
    expect(await code({})).toMatch(/^CIPHER_(MODULE_UNUSABLE|TOKEN_ABSENT) later$/);
    await token.bringBack();
    expect(await code({})).toBe('opened');
  });

  it('is refused when its key could be read out', async (context) => {
    needs(context, 'softhsm2-util', 'softhsm2');
    await using dir = await temporaryDir();
    const token = await makeSoftToken(dir.path, { key: sampleKey, keyLabel: sampleLabel, extractable: true });
    const opened = within(token.conf, () => Pkcs11Cipher.open(placeOf(token), async () => token.pin));
    await expect(opened).rejects.toMatchObject({ code: 'CIPHER_KEY_UNFIT' });
  });
});
