/** One space of an agent: its folder, its feed and its copy of the others', brought into step turn by turn. */
import type { Applier } from '#agent/apply/applier.ts';
import { Births } from '#agent/apply/delete-window.ts';
import { LocalChunks } from '#agent/apply/local-chunks.ts';
import { agreementDigest } from '#agent/core/agreement.ts';
import type { Problem } from '#agent/core/errors.ts';
import { type Origin, originKey, parseNodeId } from '#agent/core/ids.ts';
import { parentOf } from '#agent/core/path.ts';
import type { Planner } from '#agent/core/plan.ts';
import type { Head, Segment } from '#agent/core/segment.ts';
import { isRefusal } from '#agent/seal/agreement-book.ts';
import type { AgentSpaceParts } from './agent-space-parts.ts';
import { Acknowledger } from './acknowledge.ts';
import { admissionOf } from './admission.ts';
import { CatchUp } from './catch-up.ts';
import type { Alike } from './alike.ts';
import { ReopenPace, reopenAll, reopenDue } from './closed-feeds.ts';
import { publishDecided } from './correction-work.ts';
import { EpochKeeper } from './epoch-keeper.ts';
import { clearFeedProblems } from './feed-problems.ts';
import { HeldFiles } from './held-files.ts';
import { Heritage, type HeritageFacts, isInherited } from './heritage.ts';
import type { LabelGate } from './label-gate.ts';
import { labelling } from './labelling.ts';
import { newApplier } from './new-applier.ts';
import { Observer } from './observer.ts';
import { plannerOf } from './planner.ts';
import { publishAfter } from './publish-after.ts';
import { Publisher } from './publisher.ts';
import { PutOff } from './put-off.ts';
import { readAgain } from './read-again.ts';
import { SlowPass } from './slow-pass.ts';
import { type Applied, SpaceCycle, type Steps } from './space-cycle.ts';
import { takeSegment } from './take-segment.ts';
import { tellSecrets } from './tell-secrets.ts';
import { TrashKeeper } from './trash-keeper.ts';
import { Withdrawals } from './withdrawals.ts';

export type { AgentSpaceParts } from './agent-space-parts.ts';

export class AgentSpace {
  readonly cycle: SpaceCycle;
  readonly gate: LabelGate;
  readonly epochs: EpochKeeper;
  readonly trash: TrashKeeper;
  readonly #parts: AgentSpaceParts;
  readonly #observer: Observer;
  readonly #held: HeldFiles;
  readonly #local: LocalChunks;
  readonly #acknowledger: Acknowledger;
  readonly #births: Births;
  readonly #heritage: Heritage;
  #applier: { readonly under: string; readonly applier: Applier } | undefined;
  readonly #putOff: PutOff;
  readonly slowPass: SlowPass;
  readonly #caughtUp = new CatchUp();
  #reopened = false;
  readonly #pace: ReopenPace;
  readonly #alike: Alike;
  /** Whether something came since the problems of feeds were looked at. */
  #taken = true;

  constructor(parts: AgentSpaceParts) {
    this.#parts = parts;
    this.#pace = new ReopenPace(parts.clock);
    const { own, store, clock, emit, keyring, disk, turns } = parts;
    const { space, state } = own;
    const problem = this.#problem.bind(this);
    const held = new HeldFiles({ space, node: parts.state, state, store, emit });
    this.#held = held;
    const keysFor = (origin: Origin, epoch: number) => keyring.keysFor(space, origin, epoch);
    const { gate, kin, alike } = labelling(parts);
    this.#alike = alike;
    this.gate = gate;
    parts.labels.onChange(() => this.#labelsMoved());
    const births = Births.watching(clock, state);
    this.#births = births;
    this.#putOff = new PutOff(clock);
    const looking = { space, emit, state, store, labels: gate, kin, clock, held, births, problem };
    this.#observer = new Observer({ ...looking, putOff: this.#putOff });
    this.#local = new LocalChunks({ root: store.root, disk, state, keysFor, serves: gate.serves.bind(gate) });
    const withdrawals = new Withdrawals({ space, state, clock, emit });
    this.#heritage = new Heritage({ own, clock, labels: gate, caughtUp: parts.caughtUp });
    const each = () => this.#eachTurn(withdrawals);
    this.#acknowledger = new Acknowledger({ own, clock, settled: parts.settled, each });
    this.cycle = new SpaceCycle({ space, store, clock, emit, turns, steps: this.#steps() });
    this.epochs = new EpochKeeper({ ...parts, look: () => this.cycle.lookSoon('') });
    const applier = () => this.#applier?.applier ?? this.#newApplier({ ...own.origin, publishes: false });
    const lookSoon = (dir: string) => this.cycle.lookSoon(dir);
    const mayLook = () => !turns.busy && this.cycle.isCurrent();
    this.slowPass = new SlowPass({ store, state, clock, putOff: this.#putOff, mayLook, lookSoon });
    this.trash = new TrashKeeper({ ...parts, state, applier, lookSoon });
    parts.secrets.onChange(() => this.#secretsMoved());
    own.useIntake({
      take: (segment, head) => this.#take(segment, head),
      arrived: () => this.cycle.poke(),
      rejoined: () => this.cycle.rescan(),
      readersMoved: () => this.#membersMoved(),
      current: () => this.cycle.isCurrent(),
      receiptsMoved: () => this.cycle.poke(),
      local: this.#local,
    });
  }

  /** Whatever waits: so that a member that is overdue shows, and what one that has left published finds its heir. */
  async #eachTurn(withdrawals: Withdrawals): Promise<void> {
    await withdrawals.confirm();
    if (await this.#heritage.turn()) this.cycle.rescan();
  }

  /** Of items of members that have left (`heritage.ts`). */
  heritage(): HeritageFacts | undefined {
    return this.#heritage.facts();
  }

  #membersMoved(): void {
    this.epochs.readersMoved();
    // Problems of feeds may be of one that has left.
    this.#taken = true;
    this.cycle.rescan();
  }

  /** The device for state secrets came or went: what it opens is read again, what it cannot is left alone. */
  #secretsMoved(): void {
    this.epochs.readersMoved();
    this.#labelsMoved();
  }

  /** A path may be marked as a secret only now, so that what is published there may be taken in (R05). */
  #labelsMoved(): void {
    this.#reopened = false;
    this.#taken = true;
    this.cycle.rescan();
  }

  /**
   * Lifts the halt on a person's word, or, where there is none, believes the files that are held after a power cut: one
   * word is on one thing. Returns its code.
   */
  async release(): Promise<string | undefined> {
    const code = await this.cycle.release();
    if (code === 'MASS_DELETE_INCOMING' || code === 'MASS_WITHDRAWAL') this.#applier?.applier.release();
    if (code !== undefined) return code;
    if ((await this.#held.release()) === 0) return undefined;
    this.cycle.rescan();
    return 'STORE_AFTER_POWER_CUT';
  }

  purgeTrash(days: number, signal: AbortSignal): Promise<number> {
    return this.trash.purge(days, signal);
  }

  #steps(): Steps {
    const { own } = this.#parts;
    return {
      agreement: () => {
        const standing = own.standing();
        return isRefusal(standing) ? standing : this.#parts.halt?.();
      },
      mayPublish: () => this.#parts.firstWord.has(),
      look: (under, { released, signal }) => this.#look(under, released, signal),
      apply: (signal) => this.#apply(signal),
      acknowledge: () => this.#acknowledger.run(),
      adopted: () => this.#parts.adopted(),
      putOff: this.#putOff,
    };
  }

  /** Watch, scan, diff, seal, feed: what changed here becomes signed segments, and the links are told. */
  async #look(under: readonly string[] | undefined, released: boolean, signal: AbortSignal) {
    await tellSecrets({ ...this.#parts, state: this.#parts.own.state, space: this.#parts.own.space });
    await this.#catchUp();
    if ((await this.#heritage.turn()) && under !== undefined) this.cycle.rescan();
    const publisher = this.#publisher();
    await this.epochs.beforeLook(publisher);
    const seen = await this.#observer.look(under, publisher, { released, signal });
    await this.epochs.afterLook(publisher, { halted: seen.halt !== undefined });
    // A change of the rules leads to a look at the whole tree.
    if (under !== undefined || seen.halt) return seen;
    await this.#currentApplier().reconsider(signal);
    await this.#heritage.publishGone(publisher);
    return seen;
  }

  /** Plan, stage, write, commit: what arrived goes to the folder, and what that calls for is published. */
  async #apply(signal: AbortSignal): Promise<Applied> {
    await this.#readFeeds();
    const result = await this.#currentApplier().applyPending(signal);
    await publishAfter(
      { own: this.#parts.own, labels: this.gate, publisher: () => this.#publisher() },
      result,
    );
    const { state } = this.#parts.own;
    const lookAt = (dir: string) => this.cycle.lookSoon(dir);
    await publishDecided({ state, labels: this.gate, publisher: () => this.#publisher(), lookAt });
    for (const path of result.publish) await readAgain(state, path);
    // What another has published in the place of an item of this node may have a higher label.
    const raised = this.#parts.labels.any ? result.yields : [];
    const look = new Set([
      ...result.rescan,
      ...[...result.publish, ...result.revive, ...raised].map(parentOf),
    ]);
    for (const dir of look) this.cycle.lookAt(dir);
    const waiting = result.waiting + this.#pace.waiting;
    return { ...result, waiting, again: result.again || look.size > 0 };
  }

  /** What a grant has opened, and what a crash or a later record has left behind of it. */
  async #readFeeds(): Promise<void> {
    const { own, emit } = this.#parts;
    const { space, state } = own;
    await this.#catchUp();
    const due = !this.#reopened;
    this.#reopened = true;
    if (due) this.#tell(await reopenAll(this.#reading()));
    this.#tell(await reopenDue(this.#reading(), this.#pace));
    if (!this.#taken) return;
    this.#taken = false;
    const publishes = (node: string) => own.acceptor.publishes(parseNodeId(node));
    const inherited = isInherited(own.agreement());
    await clearFeedProblems({ state, space, emit, publishes, inherited });
  }

  #reading() {
    const { own, keyring: keys } = this.#parts;
    return { state: own.state, keys, me: this.#planner(), ...admissionOf(this.#parts) };
  }

  #catchUp(): Promise<void> {
    const tell = (problems: readonly Problem[]) => this.#tell(problems);
    return this.#caughtUp.run(() => ({ ...this.#reading(), agreement: this.#parts.own.agreement(), tell }));
  }

  #publisher(): Publisher {
    const { own, identity, keyring, clock, emit, disk, store } = this.#parts;
    const { space, origin, state } = own;
    const agreement = own.agreement();
    const alive = () => originKey(own.origin) === originKey(origin) && own.isUnder(agreement);
    const durable = () => disk.syncFs(store.root);
    const moved = (seq: number) => own.announce(origin, seq);
    const fits = this.gate.fits.bind(this.gate);
    const again = (path: string) => this.cycle.lookSoon(parentOf(path));
    const inherits = this.#heritage.ready;
    const from = { space, origin, state, keyring, identity, clock, emit };
    const of = { ...from, inherits, alive, durable, moved, fits, again, alike: this.#alike };
    return new Publisher(of, agreement);
  }

  /** Throws a refusal when there is no agreement in force. */
  #planner(): Planner {
    const { own } = this.#parts;
    return plannerOf(own.agreement(), own.origin);
  }

  #currentApplier(): Applier {
    const me = this.#planner();
    // Roles change with the agreement, and with them what is planned.
    const under = `${originKey(me)} ${agreementDigest(this.#parts.own.agreement())}`;
    if (this.#applier?.under !== under) this.#applier = { under, applier: this.#newApplier(me) };
    return this.#applier.applier;
  }

  #newApplier(me: Planner): Applier {
    return newApplier({ ...this.#parts, labels: this.gate, births: this.#births }, me);
  }

  /** Verified already: into the feed and the rows, in one batch. */
  async #take(segment: Segment, head: Head): Promise<void> {
    await this.#catchUp();
    const { problems, grants } = await takeSegment({ ...this.#parts, pace: this.#pace }, this.#planner(), {
      segment,
      head,
    });
    this.#taken = true;
    const { acceptor, origin } = this.#parts.own;
    const isOver = head.origin.node === origin.node || !acceptor.publishes(head.origin.node);
    if (isOver) await this.#heritage.moved();
    // Among them may be its author's word that an epoch is over.
    if (grants > 0) this.epochs.destroy();
    this.#tell(problems);
  }

  #tell(problems: readonly Problem[]): void {
    const { own, emit } = this.#parts;
    for (const problem of problems) emit({ type: 'problem', space: own.space, problem });
  }

  async #problem(problem: Problem): Promise<void> {
    const { own, emit } = this.#parts;
    const batch = own.state.batch();
    batch.putProblem(problem);
    await batch.commit();
    emit({ type: 'problem', space: own.space, problem });
  }
}
