/** Who takes part in histories: keys on disk, made once for a whole run, since they cost more than a history. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agreement, Member } from '#agent/core/agreement.ts';
import { nextRevision } from '#agent/core/amendment.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { createIdentity, type Identity } from '#agent/seal/identity.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { draft, SetClock, seededRandom } from '#test/trust/parties.ts';

export interface Part {
  readonly name: string;
  readonly identity: Identity;
  readonly keys: string;
  readonly highestLabel: string;
}

/** C is cleared for less than the others; D is no member at first. */
const parts = [
  ['A', 'H29.12', 'RESTRICTED'],
  ['B', 'H29.13', 'RESTRICTED'],
  ['C', 'H29.14', 'INTERNAL'],
  ['D', 'H29.15', 'RESTRICTED'],
  ['R', 'H29', 'RESTRICTED'],
] as const;

export class Cast implements AsyncDisposable {
  readonly #dir: AsyncDisposable;
  readonly #parts: ReadonlyMap<string, Part>;

  private constructor(dir: AsyncDisposable, all: ReadonlyMap<string, Part>) {
    this.#dir = dir;
    this.#parts = all;
  }

  static async make(): Promise<Cast> {
    const dir = await temporaryDir();
    const all = new Map<string, Part>();
    for (const [name, agency, highestLabel] of parts) {
      const keys = join(dir.path, name);
      await mkdir(keys, { mode: 0o700 });
      const by = { clock: new SetClock(), random: seededRandom(agency) };
      const identity = await createIdentity(keys, { agency, name: `Sở ${name}` }, by);
      all.set(name, { name, identity, keys, highestLabel });
    }
    return new Cast(dir, all);
  }

  of(name: string): Part {
    const part = this.#parts.get(name);
    if (!part) throw new Error(`nobody is called ${name}`);
    return part;
  }

  #members(names: readonly string[]): readonly Member[] {
    const entries = names.map((name) => [this.of(name).identity, 'publish', 'subscribe'] as const);
    const [owner, ...others] = [...entries, [this.of('R').identity, 'relay'] as const];
    if (!owner) throw new Error('no members');
    const levels = [...names, 'R'].map((name) => this.of(name).highestLabel);
    return draft([owner, ...others]).members.map((m, i) => ({ ...m, highestLabel: levels[i] ?? '' }));
  }

  /** Signed by A, who owns the space; the next revision of `before`. */
  async agree(names: readonly string[], before?: Agreement): Promise<Agreement> {
    const a = this.of('A').identity;
    const changes = {
      label: { sensitivity: 'RESTRICTED', secrecy: 'NONE', personalData: 'NONE' },
      notBefore: '2026-11-02T00:00:00.000Z',
      notAfter: '2999-01-01T00:00:00.000Z',
    };
    const members = this.#members(names);
    const plain = before ? nextRevision(before) : draft([[a, 'publish', 'subscribe']], changes);
    return await signAgreement({ ...plain, members }, a);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dir[Symbol.asyncDispose]();
  }
}
