/** The agreements that this node has accepted, and the owners' notices. Whatever is not sound is not in force. */
import { type Agreement, agreementDigest, agreementState, memberOf } from '#agent/core/agreement.ts';
import { amendmentFault } from '#agent/core/amendment.ts';
import type { Card } from '#agent/core/card.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { NodeId, SpaceId } from '#agent/core/ids.ts';
import type { Notice } from '#agent/core/notice.ts';
import { type Refusal, refusalOf } from '#agent/core/standing.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { makeDirDurable } from '#agent/sys/durable.ts';
import { acceptedText } from './acceptance.ts';
import { checkMembers, verifyAgreement } from './agreement.ts';
import { AgreementFiles, type Held } from './agreement-files.ts';
import type { Identity } from './identity.ts';
import { verifyNotice } from './notice.ts';
import { SuitePins } from './suite-pins.ts';

export type { Refusal } from '#agent/core/standing.ts';

export class AgreementBook {
  readonly #files: AgreementFiles;
  readonly #identity: Identity;
  readonly #clock: Clock;
  readonly #dir: string;
  #entries = new Map<SpaceId, Held | Refusal>();
  /** The revisions that the one held rests on, the newest first. */
  #earlier = new Map<SpaceId, readonly Agreement[]>();
  #pins: SuitePins;

  private constructor(dir: string, identity: Identity, clock: Clock, pins: SuitePins) {
    this.#dir = dir;
    this.#pins = pins;
    this.#files = new AgreementFiles(dir, identity.node);
    this.#identity = identity;
    this.#clock = clock;
  }

  /** `dir` need not exist yet. A damaged file refuses its own space only. */
  static async open(dir: string, identity: Identity, clock: Clock): Promise<AgreementBook> {
    const book = new AgreementBook(dir, identity, clock, await SuitePins.read(dir));
    await book.reload();
    return book;
  }

  /**
   * Verifies and keeps an agreement, durably, with this node's signature. Accepting the same one again is fine; an
   * amendment replaces the revision that it names. Throws what `verifyAgreement` throws, AGREEMENT_EXPIRED,
   * AGREEMENT_ENDED, AGREEMENT_SUITE_… for a space that has another suite, and AGREEMENT_CHANGED or AGREEMENT_OLDER for what does not follow on the one that is held.
   */
  async accept(agreement: Agreement): Promise<void> {
    verifyAgreement(agreement, this.#identity.node);
    await checkMembers(agreement);
    const { space, name, notAfter } = agreement;
    const held = this.held(space);
    if (held && agreementDigest(held.agreement) === agreementDigest(agreement)) return;
    if (agreementState(agreement, this.#clock.now()) === 'expired')
      throw new DongboError('AGREEMENT_EXPIRED', { name, space, notAfter });
    this.#checkSuite(agreement);
    if (held) checkAmendment(held, agreement);
    await makeDirDurable(this.#dir, 0o700);
    await this.#pins.pin(space, agreement.suite);
    const text = acceptedText(agreement, this.#identity, this.#clock.now());
    await this.#files.write(agreement, text, held?.agreement);
    this.#entries.set(space, { ...held, agreement });
    this.#earlier.set(space, await this.#chain(agreement));
  }

  /** Keeps the owner's newest notice. Throws AGREEMENT_ABSENT, what `verifyNotice` throws, and NOTICE_OLDER. */
  async acceptNotice(notice: Notice): Promise<void> {
    const { space, number } = notice;
    const held = this.held(space);
    if (!held) throw new DongboError('AGREEMENT_ABSENT', { space });
    verifyNotice(notice, held.agreement);
    const known = held.notice;
    if (known?.signature === notice.signature) return;
    if (known && (known.notice === 'end' || number <= known.number)) {
      const { name } = held.agreement;
      throw new DongboError('NOTICE_OLDER', {
        name,
        space,
        number,
        held: known.number,
        notice: known.notice,
      });
    }
    await this.#files.writeNotice(notice);
    this.#entries.set(space, { ...held, notice });
  }

  /** A space keeps its suite for life, whatever became of the file of its agreement. */
  #checkSuite({ space, name, suite }: Agreement): void {
    this.#pins.check({ space, name, suite });
    const known = this.held(space)?.agreement;
    if (!known || known.suite === suite) return;
    throw new DongboError('AGREEMENT_SUITE_CHANGED', { name, space, suite, before: known.suite });
  }

  /** The suite of a space that this node has ever accepted. */
  suiteOf(space: SpaceId): SuiteName | undefined {
    return this.held(space)?.agreement.suite ?? this.#pins.of(space);
  }

  /** Every sound agreement, in force or not. */
  all(): Agreement[] {
    return [...this.#entries.values()].flatMap((entry) => (isRefusal(entry) ? [] : [entry.agreement]));
  }

  /** A sound agreement with its notice, in force or not. */
  held(space: SpaceId): Held | undefined {
    const entry = this.#entries.get(space);
    return entry && !isRefusal(entry) ? entry : undefined;
  }

  /** The cards of all who are or were members by a revision that this node accepted, each once. */
  async everMembers(space: SpaceId): Promise<readonly Card[]> {
    const now = this.held(space)?.agreement;
    const all = [...(await this.#files.earlier(space)), ...(now ? [now] : [])];
    const cards = all.flatMap(({ members }) => members.map(({ card }) => card));
    return [...new Map(cards.map((card) => [card.node, card])).values()];
  }

  /**
   * The last revision under which a node published that does so no more: what it wrote then stays valid. Undefined for
   * publishers of today, and for who never was one by a revision that this node accepted.
   */
  formerly(space: SpaceId, node: NodeId): Agreement | undefined {
    const publishes = (a: Agreement) => memberOf(a, node)?.roles.includes('publish') ?? false;
    const now = this.held(space)?.agreement;
    if (!now || publishes(now)) return undefined;
    return this.#earlier.get(space)?.find(publishes);
  }

  /** Only what the chain of the one held names: a file that somebody put there says nothing. */
  async #chain({ space, previous }: Agreement): Promise<readonly Agreement[]> {
    if (previous.length === 0) return [];
    const named = (await this.#files.earlier(space)).filter((a) => previous.includes(agreementDigest(a)));
    return named.sort((a, b) => b.revision - a.revision);
  }

  /** The agreement of a space, or why nothing may flow there now. */
  inForce(space: SpaceId): Agreement | Refusal {
    const entry = this.#entries.get(space);
    if (!entry) return { code: 'AGREEMENT_ABSENT', details: { space } };
    if (isRefusal(entry)) return entry;
    const { agreement, notice } = entry;
    return refusalOf(agreement, notice, this.#identity.node, this.#clock.now()) ?? agreement;
  }

  /** Milliseconds since the Unix epoch, by the clock that decides what is in force. */
  now(): number {
    return this.#clock.now();
  }

  /** Reads the directory again: `dongbo agreement accept` runs beside the agent. Unchanged ones keep their object. */
  async reload(): Promise<void> {
    this.#pins = await SuitePins.read(this.#dir);
    const entries = new Map<SpaceId, Held | Refusal>();
    for (const space of await this.#files.spaces())
      entries.set(space, this.#sameAsBefore(space, this.#ofItsSuite(await this.#files.read(space))));
    this.#entries = entries;
    for (const agreement of this.all()) this.#earlier.set(agreement.space, await this.#chain(agreement));
  }

  #ofItsSuite(read: Held | Refusal): Held | Refusal {
    if (isRefusal(read)) return read;
    try {
      this.#checkSuite(read.agreement);
      return read;
    } catch (error) {
      if (!(error instanceof DongboError)) throw error;
      return { code: error.code, details: error.details };
    }
  }

  #sameAsBefore(space: SpaceId, read: Held | Refusal): Held | Refusal {
    const known = this.held(space);
    if (!known || isRefusal(read)) return read;
    const same = agreementDigest(known.agreement) === agreementDigest(read.agreement);
    return same ? { ...read, agreement: known.agreement } : read;
  }
}

function checkAmendment({ agreement: held, notice }: Held, next: Agreement): void {
  const { space, name } = next;
  if (notice?.notice === 'end')
    throw new DongboError('AGREEMENT_ENDED', { name, space, issued: notice.issued, reason: notice.reason });
  const fault = amendmentFault(held, next);
  if (!fault) return;
  const { code, ...details } = fault;
  throw new DongboError(code, { name, space, ...details });
}

export const isRefusal = <T extends object>(entry: T | Refusal): entry is Refusal => 'code' in entry;
