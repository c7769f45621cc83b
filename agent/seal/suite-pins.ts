/**
 * The suite of each space, written down before its first agreement is kept. It outlives a damaged or missing agreement
 * file, so that no space comes back with another suite.
 */
import { join } from 'node:path';
import type { Agreement } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import { parseSpaceId, type SpaceId } from '#agent/core/ids.ts';
import { type SuiteName, suiteNames } from '#agent/core/suite-name.ts';
import { writeFileDurable } from '#agent/sys/durable.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { exists, readTextFile } from './files.ts';

const fileName = /^([0-9a-f]{32})\.suite$/;
const maxBytes = 64;

export class SuitePins {
  readonly #dir: string;
  /** Undefined: the file is there and names no suite. */
  readonly #pins = new Map<SpaceId, SuiteName | undefined>();

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async read(dir: string): Promise<SuitePins> {
    const pins = new SuitePins(dir);
    const files = (await exists(dir)) ? await nodeDisk.list(dir) : [];
    for (const { name } of files) {
      const space = fileName.exec(name ?? '')?.[1];
      if (space) pins.#pins.set(parseSpaceId(space), await readPin(join(dir, name ?? '')));
    }
    return pins;
  }

  of(space: SpaceId): SuiteName | undefined {
    return this.#pins.get(space);
  }

  /** Throws AGREEMENT_SUITE_DAMAGED, and AGREEMENT_SUITE_CHANGED for a space that is pinned to another suite. */
  check({ space, name, suite }: Pick<Agreement, 'space' | 'name' | 'suite'>): void {
    if (!this.#pins.has(space)) return;
    const before = this.#pins.get(space);
    if (!before) throw new DongboError('AGREEMENT_SUITE_DAMAGED', { space, file: this.#file(space) });
    if (before !== suite) throw new DongboError('AGREEMENT_SUITE_CHANGED', { name, space, suite, before });
  }

  #file(space: SpaceId): string {
    return join(this.#dir, `${space}.suite`);
  }

  /** Durable on return. */
  async pin(space: SpaceId, suite: SuiteName): Promise<void> {
    if (this.#pins.has(space)) return;
    await writeFileDurable(this.#file(space), Buffer.from(`${suite}\n`), { mode: 0o600 });
    this.#pins.set(space, suite);
  }
}

async function readPin(file: string): Promise<SuiteName | undefined> {
  const text = await readTextFile(file, maxBytes).catch(() => '');
  return suiteNames.find((name) => `${name}\n` === text);
}
