import type { SecretStore } from '#agent/seal/secret-store.ts';

/** Keeps secrets in memory; `entries` outlives the keyring, as a disk would. */
export class MemorySecrets implements SecretStore {
  readonly entries: Map<string, Uint8Array>;

  constructor(entries = new Map<string, Uint8Array>()) {
    this.entries = entries;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.entries.get(key);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    this.entries.set(key, value);
  }

  async erase(key: string): Promise<void> {
    this.entries.delete(key);
  }
}
