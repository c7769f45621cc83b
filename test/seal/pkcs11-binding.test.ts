import { expect, it } from 'vitest';
import { loadBinding, reasonOf } from '#agent/seal/pkcs11-binding.ts';

it('says that the optional package is not there, and nothing else of the program needs it', async () => {
  const missing = Object.assign(new Error("Cannot find package 'pkcs11js'"), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
  await expect(loadBinding(() => Promise.reject(missing))).rejects.toMatchObject({
    code: 'CIPHER_BINDING_MISSING',
  });
});

it('tells of a failure only what the standard calls it', () => {
  expect(reasonOf(new Error('CKR_DEVICE_REMOVED'))).toBe('CKR_DEVICE_REMOVED');
  expect(reasonOf(new Error('CKR_PIN_INCORRECT: 1234'))).toBe('unknown');
  expect(reasonOf('1234')).toBe('unknown');
});
