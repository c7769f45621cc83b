/**
 * One space of an agent, turn after turn: look at the disk, publish what changed, apply what arrived, say so.
 * A turn resumes from durable state only; whatever a crash cuts off, the next turn finds again.
 */
import type { ApplyResult } from '#agent/apply/tally.ts';
import { DongboError, type Halt } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { parentOf } from '#agent/core/path.ts';
import { Wake } from '#agent/exchange/wake.ts';
import type { Store } from '#agent/store/store.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { ApplyAgain } from './apply-again.ts';
import { KeptDeletes } from './kept-deletes.ts';
import type { Observed } from './observer.ts';
import type { PutOff, PutOffFacts } from './put-off.ts';
import { type TurnFault, TurnFaults } from './turn-faults.ts';
import type { TurnWatch } from './turn-watch.ts';

export interface CycleFacts extends PutOffFacts {
  readonly halt?: Halt;
  readonly fault?: TurnFault;
  readonly lastScan?: number;
  /** What peers hold is still to be heard, before anything here is looked at. */
  readonly unheard?: true;
  readonly watched: boolean;
}

export type Applied = Pick<ApplyResult, 'halt' | 'again' | 'waiting' | 'applied' | 'problems'>;

/** The steps of a turn, each a stage behind a small door. */
export interface Steps {
  /** Undefined while an agreement is in force; else why nothing may flow. */
  agreement(): { readonly code: string } | undefined;
  /** Whether this node has heard what others hold. */
  mayPublish(): Promise<boolean>;
  look(
    under: readonly string[] | undefined,
    options: { released: boolean; signal: AbortSignal },
  ): Promise<Observed>;
  /** Applies what is pending; true when there is more that could be applied at once. */
  apply(signal: AbortSignal): Promise<Applied>;
  /** Signs that everything received is durable, once it is. */
  acknowledge(): Promise<void>;
  /** The root is ours and known: its marker goes into the state. */
  adopted(): Promise<void>;
  /** What looks could not read. */
  readonly putOff: Pick<PutOff, 'due' | 'dueIn' | 'facts'>;
}

export interface CycleParts {
  readonly space: SpaceId;
  readonly store: Store;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly steps: Steps;
  readonly turns: TurnWatch;
}

const idleMs = 60_000;
const haltedMs = 2_000;
/** Until peers have told what they hold. */
const unheardMs = 50;
const waitingMs = 1_000;
const unquietMs = { least: 500, most: 10_000 };

export class SpaceCycle {
  readonly #parts: CycleParts;
  readonly #wake = new Wake();
  /** Whether the store hints at changes, or has said that only scans will find them. */
  #watched = false;
  #dirs = new Set<string>();
  #all = true;
  #unquiet: ReadonlySet<string> = new Set();
  #unquietWait: number = unquietMs.least;
  readonly #faults: TurnFaults;
  readonly #applyAgain: ApplyAgain;
  /** By what they hold up: everything; deletes made here; what others sent, deletes mostly, or the rest of a turn. */
  readonly #halts = new Map<'root' | 'kept' | 'turn', Halt>();
  readonly #kept: KeptDeletes;
  #released = false;
  #lastScan: number | undefined;
  #unheard = false;

  constructor(parts: CycleParts) {
    this.#parts = parts;
    this.#kept = new KeptDeletes(parts.clock);
    this.#faults = new TurnFaults(parts);
    this.#applyAgain = new ApplyAgain(parts.clock);
  }

  /** For the status. Times are milliseconds since the Unix epoch. */
  facts(): CycleFacts {
    const halt = this.#first();
    return {
      watched: this.#watched,
      ...this.#parts.steps.putOff.facts(),
      ...(this.#faults.last ? { fault: this.#faults.last } : {}),
      ...(halt ? { halt } : {}),
      ...(this.#lastScan === undefined ? {} : { lastScan: this.#lastScan }),
      ...(this.#unheard ? { unheard: true } : {}),
    };
  }

  /** What was published is what the folder holds, as of the last looks. */
  isCurrent(): boolean {
    return this.#lastScan !== undefined && this.#first() === undefined && !this.#kept.any;
  }

  #first(): Halt | undefined {
    const { root, kept, turn } = Object.fromEntries(this.#halts);
    return root ?? kept ?? turn;
  }

  /** Something arrived, or a peer came back: take a turn now. */
  poke(): void {
    this.#wake.poke();
  }

  /** Look at one directory at the next turn. */
  lookAt(dir: string): void {
    this.#dirs.add(dir);
  }

  /** As `lookAt`, with a turn at once. */
  lookSoon(dir: string): void {
    this.lookAt(dir);
    this.poke();
  }

  /** Look at the whole tree at the next turn. */
  rescan(): void {
    this.#all = true;
    this.#wake.poke();
  }

  /**
   * A person has looked and lifts the halt; returns its code, undefined when there was none. Only what was looked at is
   * believed: a strange root is not yet a word on the deletes that its first scan will find.
   */
  async release(): Promise<string | undefined> {
    const halt = this.#first();
    if (!halt?.needsRelease) return undefined;
    const { code } = halt;
    if (code === 'STORE_ROOT_FOREIGN') {
      await this.#parts.store.adopt();
      await this.#parts.steps.adopted();
    }
    this.#released = code === 'MASS_DELETE_LOCAL' || code === 'STORE_SUDDENLY_EMPTY';
    for (const [at, one] of this.#halts) if (one === halt) this.#halts.delete(at);
    if (this.#released) this.#kept.clear();
    this.rescan();
    return code;
  }

  async run(signal: AbortSignal): Promise<void> {
    const watching = this.#watch(signal);
    while (!signal.aborted) {
      const waitMs = await this.#parts.turns.turn(() => this.#turn(signal));
      // Rejects only when aborted: then the loop ends.
      await this.#wake.wait(waitMs, this.#parts.clock, signal).catch(() => undefined);
    }
    await watching;
  }

  /** One turn; returns how long to rest when nobody wakes us. */
  async #turn(signal: AbortSignal): Promise<number> {
    try {
      if (this.#parts.steps.agreement()) return haltedMs;
      if (!(await this.#safe())) return haltedMs;
      this.#unheard = !(await this.#parts.steps.mayPublish());
      if (this.#unheard) return unheardMs;
      await this.#look(signal);
      const started = this.#parts.clock.monotonic();
      const applied = await this.#parts.steps.apply(signal);
      this.#setHalt('turn', applied.halt);
      await this.#parts.steps.acknowledge();
      this.#faults.over();
      const again = this.#applyAgain.dueIn(applied, started);
      if (applied.again) return 0;
      return Math.min(this.#rest(applied), again, this.#kept.dueIn(), this.#parts.steps.putOff.dueIn());
    } catch (error) {
      if (signal.aborted) return 0;
      this.#all = true;
      const { restMs, halt } = this.#faults.tell(error);
      if (halt) this.#setHalt('turn', halt);
      return restMs;
    }
  }

  #rest({ halt, waiting }: { readonly halt?: Halt; readonly waiting: number }): number {
    if (this.#unquiet.size > 0) return this.#unquietWait;
    // What a person must see first is not tried every second.
    return waiting > 0 && !halt?.needsRelease ? waitingMs : idleMs;
  }

  /** A root that is gone or foreign halts; it lifts itself when the root is back, unless a person must decide. */
  async #safe(): Promise<boolean> {
    const { store, steps } = this.#parts;
    const halt = await store.check();
    if (halt) {
      this.#all = true;
      this.#released = false;
      this.#setHalt('root', halt);
      return false;
    }
    // A foreign root may become ours again when its disk is mounted.
    this.#setHalt('root', undefined);
    if (store.marker === undefined) {
      await store.adopt();
      await steps.adopted();
    }
    return true;
  }

  async #look(signal: AbortSignal): Promise<void> {
    const dirs = new Set([...this.#dirs, ...this.#parts.steps.putOff.due()]);
    for (const path of this.#unquiet) dirs.add(parentOf(path));
    const whole = this.#all || this.#kept.dueIn() === 0;
    if (!whole && dirs.size === 0) return;
    this.#dirs = new Set();
    this.#all = false;
    const released = whole && this.#released;
    const started = this.#parts.clock.monotonic();
    const seen = await this.#parts.steps.look(whole ? undefined : [...dirs], { released, signal });
    this.#noteUnquiet(seen.unquiet);
    this.#kept.looked(seen.halt, whole);
    this.#setHalt('kept', this.#kept.halt());
    if (whole) this.#noteScan(seen, started);
  }

  #noteScan({ seen: items, changed, halt }: Observed, started: number): void {
    const { space, clock, emit } = this.#parts;
    this.#released = false;
    this.#lastScan = clock.now();
    if (!halt) emit({ type: 'scan.done', space, items, changed, ms: clock.monotonic() - started });
  }

  /** A file that keeps changing is read less and less often, so that one long copy does not eat the disk. */
  #noteUnquiet(unquiet: ReadonlySet<string>): void {
    this.#unquietWait =
      unquiet.size === 0 ? unquietMs.least : Math.min(this.#unquietWait * 2, unquietMs.most);
    this.#unquiet = unquiet;
  }

  #setHalt(of: 'root' | 'kept' | 'turn', halt: Halt | undefined): void {
    const { space, emit } = this.#parts;
    const before = this.#halts.get(of);
    if (halt) this.#halts.set(of, halt);
    else this.#halts.delete(of);
    if (halt && halt.code !== before?.code) emit({ type: 'halted', space, halt });
    if (!halt && before) emit({ type: 'halt.ended', space, code: before.code });
  }

  /** Hints only say where to look; a lost or failed watch means looking everywhere. */
  async #watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const hint of this.#parts.store.watch(signal)) {
          this.#watched = true;
          if (hint.kind === 'all') this.#all = true;
          else this.#dirs.add(hint.path);
          this.#wake.poke();
        }
      } catch (error) {
        if (signal.aborted) return;
        const code = error instanceof DongboError ? error.code : 'STORE_WATCH_FAILED';
        this.#parts.emit({ type: 'error', code, details: {} });
      }
      this.#watched = false;
      await this.#parts.clock.sleep(haltedMs, signal).catch(() => undefined);
      this.#all = true;
    }
  }
}
