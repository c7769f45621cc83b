/** The library of a PKCS#11 device, loaded only where one is configured. */
import type { Mechanism, PKCS11 } from 'pkcs11js';
import { DongboError } from '#agent/core/errors.ts';

export type Binding = typeof import('pkcs11js');

/** A loaded library and the constants of the standard. */
export interface Library {
  readonly calls: PKCS11;
  readonly constants: Binding;
  /** Whether this process had not used the library before: then it is ours to put down. */
  readonly first: boolean;
}

/** What a call to the device did not like: the standard's own name of it, such as CKR_DEVICE_REMOVED. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error && /^CKR_[A-Z0-9_]+$/.test(error.message) ? error.message : 'unknown';

export const isReason = (error: unknown, ...names: readonly string[]): boolean =>
  names.includes(reasonOf(error));

/** Throws CIPHER_BINDING_MISSING: the package is optional, since it is compiled on the machine that it is for. */
export async function loadBinding(load: () => Promise<unknown> = () => import('pkcs11js')): Promise<Binding> {
  try {
    const loaded = (await load()) as Binding & { readonly default?: Binding };
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new DongboError('CIPHER_BINDING_MISSING', {}, { cause });
  }
}

/** Throws CIPHER_BINDING_MISSING, and CIPHER_MODULE_UNUSABLE ({module, reason}). */
export async function loadLibrary(module: string): Promise<Library> {
  const constants = await loadBinding();
  const calls = new constants.PKCS11();
  let loaded = false;
  try {
    calls.load(module);
    loaded = true;
    return { calls, constants, first: initialize(calls) };
  } catch (cause) {
    if (loaded) calls.close();
    throw new DongboError(
      'CIPHER_MODULE_UNUSABLE',
      { module, reason: loaded ? reasonOf(cause) : 'dlopen' },
      { retry: 'later', cause },
    );
  }
}

function initialize(calls: PKCS11): boolean {
  try {
    calls.C_Initialize();
    return true;
  } catch (error) {
    if (isReason(error, 'CKR_CRYPTOKI_ALREADY_INITIALIZED')) return false;
    throw error;
  }
}

export function unloadLibrary({ calls, first }: Library): void {
  try {
    if (first) calls.C_Finalize();
  } catch {
    // The device is gone; there is nothing to put down any more.
  }
  calls.close();
}

export type { Mechanism };
