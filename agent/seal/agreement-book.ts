/** The agreements that this node has accepted, one file each. Whatever is not sound is not in force (fail closed). */
import { join } from 'node:path';
import { type Agreement, agreementDigest, agreementState } from '#agent/core/agreement.ts';
import { type Details, DongboError } from '#agent/core/errors.ts';
import { parseSpaceId, type SpaceId } from '#agent/core/ids.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { makeDirDurable, writeFileDurable } from '#agent/sys/durable.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { acceptedText, parseAccepted } from './acceptance.ts';
import { checkMembers, verifyAgreement } from './agreement.ts';
import { exists, readTextFile } from './files.ts';
import type { Identity } from './identity.ts';
import { SuitePins } from './suite-pins.ts';

/** Why nothing may flow in a space. */
export interface Refusal {
  readonly code: string;
  readonly details: Details;
}

/** Room for some 4,000 members. */
export const maxAgreementBytes = 32 * 1024 * 1024;

const fileName = /^([0-9a-f]{32})\.json$/;

export class AgreementBook {
  readonly #dir: string;
  readonly #identity: Identity;
  readonly #clock: Clock;
  #entries = new Map<SpaceId, Agreement | Refusal>();
  #pins: SuitePins;

  private constructor(dir: string, identity: Identity, clock: Clock, pins: SuitePins) {
    this.#dir = dir;
    this.#identity = identity;
    this.#clock = clock;
    this.#pins = pins;
  }

  /** `dir` need not exist yet. A damaged file refuses its own space only. */
  static async open(dir: string, identity: Identity, clock: Clock): Promise<AgreementBook> {
    const book = new AgreementBook(dir, identity, clock, await SuitePins.read(dir));
    await book.reload();
    return book;
  }

  /**
   * Verifies and keeps an agreement, durably, with this node's signature. Accepting the same one again is fine.
   * Throws what `verifyAgreement` throws, AGREEMENT_EXPIRED, AGREEMENT_SUITE_…
   * for a space that has another suite, and AGREEMENT_CHANGED for another document of a known space.
   */
  async accept(agreement: Agreement): Promise<void> {
    verifyAgreement(agreement, this.#identity.node);
    await checkMembers(agreement);
    const { space, name, notAfter } = agreement;
    if (agreementState(agreement, this.#clock.now()) === 'expired') {
      throw new DongboError('AGREEMENT_EXPIRED', { name, space, notAfter });
    }
    this.#checkSuite(agreement);
    const known = this.#entries.get(space);
    if (known && !isRefusal(known)) {
      if (agreementDigest(known) === agreementDigest(agreement)) return;
      throw new DongboError('AGREEMENT_CHANGED', { name, space });
    }
    await makeDirDurable(this.#dir, 0o700);
    await this.#pins.pin(space, agreement.suite);
    const text = acceptedText(agreement, this.#identity, this.#clock.now());
    await writeFileDurable(join(this.#dir, `${space}.json`), Buffer.from(text), { mode: 0o600 });
    this.#entries.set(space, agreement);
  }

  /** A space keeps its suite for life, whatever became of the file of its agreement. */
  #checkSuite({ space, name, suite }: Agreement): void {
    this.#pins.check({ space, name, suite });
    const known = this.#entries.get(space);
    if (!known || isRefusal(known) || known.suite === suite) return;
    throw new DongboError('AGREEMENT_SUITE_CHANGED', { name, space, suite, before: known.suite });
  }

  /** The suite of a space that this node has ever accepted. */
  suiteOf(space: SpaceId): SuiteName | undefined {
    const entry = this.#entries.get(space);
    return entry && !isRefusal(entry) ? entry.suite : this.#pins.of(space);
  }

  /** Every sound agreement, in force or not. */
  all(): Agreement[] {
    return [...this.#entries.values()].filter((entry): entry is Agreement => !isRefusal(entry));
  }

  /** The agreement of a space, or why nothing may flow there now. */
  inForce(space: SpaceId): Agreement | Refusal {
    const entry = this.#entries.get(space);
    if (!entry) return { code: 'AGREEMENT_ABSENT', details: { space } };
    if (isRefusal(entry)) return entry;
    const { name, notBefore, notAfter } = entry;
    switch (agreementState(entry, this.#clock.now())) {
      case 'in-force':
        return entry;
      case 'not-yet':
        return { code: 'AGREEMENT_NOT_YET', details: { name, space, notBefore } };
      case 'expired':
        return { code: 'AGREEMENT_EXPIRED', details: { name, space, notAfter } };
    }
  }

  /** Reads the directory again: `dongbo agreement accept` runs beside the agent. Unchanged ones keep their object. */
  async reload(): Promise<void> {
    this.#pins = await SuitePins.read(this.#dir);
    const entries = new Map<SpaceId, Agreement | Refusal>();
    const files = (await exists(this.#dir)) ? await nodeDisk.list(this.#dir) : [];
    for (const { name } of files) {
      const text = fileName.exec(name ?? '')?.[1];
      if (!text) continue;
      const space = parseSpaceId(text);
      entries.set(space, this.#sameAsBefore(space, await this.#read(space)));
    }
    this.#entries = entries;
  }

  async #read(space: SpaceId): Promise<Agreement | Refusal> {
    const file = join(this.#dir, `${space}.json`);
    try {
      const agreement = parseAccepted(
        JSON.parse(await readTextFile(file, maxAgreementBytes)),
        this.#identity.node,
      );
      verifyAgreement(agreement, this.#identity.node);
      this.#checkSuite(agreement);
      if (agreement.space === space) return agreement;
    } catch (error) {
      if (error instanceof DongboError) {
        return { code: error.code, details: error.details };
      }
    }
    return { code: 'AGREEMENT_DAMAGED', details: { space, file } };
  }

  #sameAsBefore(space: SpaceId, read: Agreement | Refusal): Agreement | Refusal {
    const known = this.#entries.get(space);
    if (!known || isRefusal(known) || isRefusal(read)) return read;
    return agreementDigest(known) === agreementDigest(read) ? known : read;
  }
}

export const isRefusal = (entry: Agreement | Refusal): entry is Refusal => 'code' in entry;
