/** Where epoch secrets and tag keys rest. The feed's LevelDB gives it. */
export interface SecretStore {
  get(key: string): Promise<Uint8Array | undefined>;
  /** Durable on return: a secret that is used must never be lost. */
  put(key: string, value: Uint8Array): Promise<void>;
  /** Durable on return, and the bytes are off the disk as far as the database can bring that about. */
  erase(key: string): Promise<void>;
}
