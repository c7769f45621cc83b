/** The epochs of one space of an agent, around each look: opened for other readers, rotated, granted anew, destroyed. */
import type { Details } from '#agent/core/errors.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type { RotationCause } from '#agent/seal/keyring-parts.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { destroyEpochs } from './destroy-epochs.ts';
import type { NodeSpace } from './node-space.ts';
import type { Publisher } from './publisher.ts';
import { regrant } from './regrant.ts';
import { type RenewParts, renewEpochs, rotateEpochs } from './renew-epochs.ts';
import type { RotationTimetable } from './rotation-timetable.ts';
import { type Rotated, type RotationRequest, Rotations } from './rotations.ts';
import { isCipherFault } from './unless-cipher-gone.ts';

export interface EpochKeeperParts {
  readonly own: NodeSpace;
  readonly keyring: Keyring;
  readonly clock: Pick<Clock, 'now'>;
  /** Puts a key decision on the record before it takes effect. */
  readonly decided: (type: string, fields: Details) => Promise<void>;
  readonly timetable: Pick<RotationTimetable, 'look'>;
  /** Has the space looked at soon. */
  readonly look: () => void;
}

export class EpochKeeper {
  readonly #parts: EpochKeeperParts;
  readonly #rotations = new Rotations();
  readonly #owed = new Map<string, RotationCause>();
  #completed = false;
  #timetableDue = true;
  #regrantDue = true;
  #destroyDue = true;

  constructor(parts: EpochKeeperParts) {
    this.#parts = parts;
  }

  /** New epochs at the next look; resolves when their grants are in the feed. Throws a refusal when nothing may flow. */
  async rotate(request: RotationRequest): Promise<readonly Rotated[]> {
    this.#parts.own.agreement();
    const done = this.#rotations.ask(request);
    this.#parts.look();
    return done;
  }

  /** At the next look, those that nothing needs any more. */
  destroy(): void {
    this.#destroyDue = true;
    this.#parts.look();
  }

  /** At the next look, a rotation if one is due. */
  lookAtTimetable(): void {
    this.#timetableDue = true;
    this.#parts.look();
  }

  /** Members came, went or were approved anew. */
  readersMoved(): void {
    this.#regrantDue = true;
    this.#parts.look();
  }

  async beforeLook(publisher: Publisher): Promise<void> {
    const { own, keyring } = this.#parts;
    const { origin, state } = own;
    if (!this.#completed) await state.keyLedger.complete((await state.origins()).map((head) => head.origin));
    this.#completed = true;
    const owes = (labelClass: string, cause: RotationCause) => void this.#owed.set(labelClass, cause);
    const parts = { agreement: own.agreement(), origin, keyring, publisher, owes };
    await renewEpochs({ ...parts, rotations: this.#rotations });
    await this.#rotateOwed(parts);
    if (!this.#timetableDue || !publisher.me.publishes) return;
    const rotate = () => rotateEpochs(parts, { cause: { why: 'timetable' } });
    this.#timetableDue = false;
    try {
      await this.#parts.timetable.look(own.space, rotate);
    } catch (error) {
      this.#timetableDue = true;
      throw error;
    }
  }

  /** Those that waited for the device for state secrets. */
  async #rotateOwed(parts: RenewParts): Promise<void> {
    for (const [labelClass, cause] of this.#owed) {
      try {
        await rotateEpochs(parts, { labelClass, cause });
        this.#owed.delete(labelClass);
      } catch (error) {
        if (!isCipherFault(error)) throw error;
      }
    }
  }

  async afterLook(publisher: Publisher, { halted }: { readonly halted: boolean }): Promise<void> {
    if (!halted) await this.#regrant(publisher);
    if (this.#destroyDue) await this.#destroy(publisher);
  }

  async #destroy(publisher: Publisher): Promise<void> {
    const { own, keyring, decided } = this.#parts;
    const { space, origin, state } = own;
    // First: what comes while this is at work is for the next time.
    this.#destroyDue = false;
    try {
      await destroyEpochs({ space, origin, state, keyring, publisher, decided });
    } catch (error) {
      this.#destroyDue = true;
      throw error;
    }
  }

  /** After the start, and whenever others may read than before. */
  async #regrant(publisher: Publisher): Promise<void> {
    if (!this.#regrantDue || !(publisher.me.publishes || publisher.me.proposes)) return;
    const { own, keyring, clock } = this.#parts;
    const { state, origin } = own;
    this.#regrantDue = false;
    const grant = publisher.grantAgain.bind(publisher);
    try {
      await regrant({ own, agreement: own.agreement(), origin, state, keyring, grant, now: clock.now() });
      await publisher.flush();
    } catch (error) {
      this.#regrantDue = true;
      throw error;
    }
  }
}
