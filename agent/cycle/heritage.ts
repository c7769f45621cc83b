/**
 * What members that have left published, and still stands: by whom it is published anew (`core/heritage.ts`), and how
 * much of it is left. Until none is, this node is not in step: a member that comes now would not get it.
 */
import { type Agreement, agreementDigest } from '#agent/core/agreement.ts';
import { heirsOf, inherit, isLeftBehind } from '#agent/core/heritage.ts';
import { isRefusal } from '#agent/seal/agreement-book.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { LabelGate } from './label-gate.ts';
import type { NodeSpace } from './node-space.ts';
import { plannerOf } from './planner.ts';
import type { Publisher } from './publisher.ts';

export interface HeritageParts {
  readonly own: NodeSpace;
  readonly clock: Clock;
  readonly labels: Pick<LabelGate, 'ofRecord'>;
  /** Whether peers are there, and nothing that they hold is missing here: what is published anew must be the newest. */
  readonly caughtUp: () => Promise<boolean>;
}

export interface HeritageFacts {
  readonly items: number;
  /** Members that may publish it anew, and whether it is for this node now. */
  readonly heirs: number;
  readonly mine: boolean;
}

/** How long each heir leaves it to the one before: all would do, and each would send all content. */
export const heirMs = 10 * 60_000;
/** A look through the index takes at most so large a part of the time. */
const restFactor = 20;

/**
 * While nobody came and nobody left, all hold the keys of all. And where new members do not get what was published before
 * they came, they get it from nobody.
 */
export const isInherited = ({ revision, history }: Agreement): boolean => revision > 1 && history;

export class Heritage {
  readonly #parts: HeritageParts;
  #under: string | undefined;
  #since = 0;
  #left: number | undefined;
  #notBefore = 0;
  #ready: 'own' | 'all' | undefined;
  #tried: number | undefined;

  constructor(parts: HeritageParts) {
    this.#parts = parts;
  }

  /** Undefined where nothing is left. */
  facts(): HeritageFacts | undefined {
    const { own, clock } = this.#parts;
    const standing = own.standing();
    if (!this.#left || isRefusal(standing)) return undefined;
    const heirs = heirsOf(standing, clock.now());
    return { items: this.#left, heirs: heirs.length, mine: this.#whose() === 'all' };
  }

  /** Whether it is for this node, and time: as of the last `turn`. */
  get ready(): 'own' | 'all' | undefined {
    return this.#ready;
  }

  /**
   * At each turn. True when there is something to publish anew that was not tried: then the whole tree is to be looked
   * at. What could not be published (a label is missing, say) is tried again at the looks of the timetable.
   */
  async turn(): Promise<boolean> {
    const { own, clock } = this.#parts;
    await this.#begin(own.agreement());
    if (this.#left === 0) return false;
    if (clock.monotonic() >= this.#notBefore) await this.#count();
    const may = this.#left !== 0 && (await this.#parts.caughtUp());
    const before = this.#ready;
    this.#ready = may ? this.#whose() : undefined;
    if (this.#ready !== before) this.#tried = undefined;
    if (!this.#ready || this.#left === this.#tried) return false;
    this.#tried = this.#left;
    return true;
  }

  /** Something came of a member that has left. */
  async moved(): Promise<void> {
    if (this.#under !== undefined && this.#left === 0) await this.#note(this.#under, 0);
    this.#under = undefined;
  }

  /** What is left may have moved. */
  async #begin(agreement: Agreement): Promise<void> {
    const under = `${agreementDigest(agreement)}/${this.#parts.own.origin.incarnation}`;
    if (this.#under === under) return;
    this.#under = under;
    this.#since = this.#parts.clock.monotonic();
    this.#notBefore = 0;
    this.#ready = undefined;
    this.#tried = undefined;
    const none = !isInherited(agreement) || (await this.#parts.own.state.cursor(doneCursor(under))) > 0;
    this.#left = none ? 0 : undefined;
  }

  /** What this node's own past lives published is its own at once. */
  #whose(): 'own' | 'all' | undefined {
    const { own, clock } = this.#parts;
    const rank = heirsOf(own.agreement(), clock.now()).indexOf(own.origin.node);
    if (rank < 0) return undefined;
    return clock.monotonic() - this.#since >= rank * heirMs ? 'all' : 'own';
  }

  /** Once none is left none comes, but by `moved`. */
  async #count(): Promise<void> {
    const { own, clock } = this.#parts;
    const me = plannerOf(own.agreement(), own.origin);
    const began = clock.monotonic();
    let left = 0;
    for await (const [, row] of own.state.everyRow()) if (isLeftBehind(row, me)) left += 1;
    this.#left = left;
    this.#notBefore = clock.monotonic() + (clock.monotonic() - began) * restFactor;
    if (left === 0 && this.#under !== undefined) await this.#note(this.#under, 1);
  }

  async #note(under: string, none: 0 | 1): Promise<void> {
    const batch = this.#parts.own.state.batch();
    batch.setCursor(doneCursor(under), none);
    await batch.commit();
  }

  /** After a look at the whole tree, which has published what is there: the deletes. */
  async publishGone(publisher: Publisher): Promise<void> {
    if (!publisher.me.inherits) return;
    const { own, labels } = this.#parts;
    for await (const [path, row] of own.state.everyRow()) {
      const action = (row.local?.state.kind ?? 'gone') === 'gone' ? inherit(row, publisher.me) : undefined;
      if (!action) continue;
      const change = { path, state: action.state, version: action.version };
      await publisher.add({ path, change, labelClass: await labels.ofRecord(row), contentBytes: 0 });
    }
    await publisher.flush();
    this.#notBefore = 0;
  }
}

const doneCursor = (under: string): string => `heritage/${under}`;
