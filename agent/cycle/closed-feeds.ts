/**
 * Feeds with records that this node holds and cannot open. Where the agreement lets it read them, a grant is missing:
 * they are shown as a problem and never vouched for. Where it does not, they are withheld, and only counted. When a
 * grant comes, both are read again.
 */
import { type Ingested, type IngestParts, ingestRecords } from '#agent/apply/ingest.ts';
import type { Problem } from '#agent/core/errors.ts';
import { type NodeId, type Origin, originKey } from '#agent/core/ids.ts';
import type { Planner } from '#agent/core/plan.ts';
import { feedPlace } from '#agent/core/problem-place.ts';
import type { SpaceBatch } from '#agent/feed/space-batch.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type { Clock } from '#agent/sys/clock.ts';

/** The cursor holds the sequence number of the first segment with a closed record, 0 when there is none. */
const cursorOf = (origin: Origin): string => `closed/${originKey(origin)}`;

/** As `closed/`, of records that are withheld; and how many have come. */
const withheldCursor = (origin: Origin): string => `withheld/${originKey(origin)}`;
const withheldCount = (origin: Origin): string => `withheld-records/${originKey(origin)}`;

export const withheldOf = (state: SpaceState, origin: Origin): Promise<number> =>
  state.cursor(withheldCount(origin));

/** Notes in `batch` that `records` more, from the segment at `seq`, are withheld from this node. */
export async function noteWithheld(
  { state, batch }: { readonly state: SpaceState; readonly batch: SpaceBatch },
  origin: Origin,
  { seq, records }: { readonly seq: number; readonly records: number },
): Promise<void> {
  if (records === 0) return;
  const from = await state.cursor(withheldCursor(origin));
  batch.setCursor(withheldCursor(origin), from === 0 ? seq : from);
  batch.setCursor(withheldCount(origin), (await withheldOf(state, origin)) + records);
}

/** Where to begin when a grant has come: the first segment with a record that did not open; 0 when there is none. */
export async function sealedFrom(state: SpaceState, origin: Origin): Promise<number> {
  const found = [await closedFrom(state, origin), await state.cursor(withheldCursor(origin))];
  const [first = 0] = found.filter((seq) => seq > 0).sort((x, y) => x - y);
  return first;
}

/** Whether it is known which epochs the closed records are of; a version before this one did not note them. */
const epochsKnown = (origin: Origin): string => `closed-epochs/${originKey(origin)}`;
const closedEpoch = (origin: Origin, epoch: number): string => `closed-epoch/${originKey(origin)}/${epoch}`;

/** Of records that did not open. `all`: there are no others in the feed. */
export function noteEpochs(
  batch: SpaceBatch,
  origin: Origin,
  { epochs, all }: { readonly epochs: ReadonlySet<number>; readonly all: boolean },
): void {
  for (const epoch of epochs) batch.setCursor(closedEpoch(origin, epoch), 1);
  if (all) batch.setCursor(epochsKnown(origin), 1);
}

/** Whether grants of these epochs may open what is closed. */
export async function mayOpen(
  state: SpaceState,
  origin: Origin,
  epochs: ReadonlySet<number>,
): Promise<boolean> {
  if (epochs.size === 0 || (await sealedFrom(state, origin)) === 0) return false;
  if ((await state.cursor(epochsKnown(origin))) === 0) return true;
  for (const epoch of epochs) if ((await state.cursor(closedEpoch(origin, epoch))) > 0) return true;
  return false;
}

export const closedFrom = (state: SpaceState, origin: Origin): Promise<number> =>
  state.cursor(cursorOf(origin));

/** Notes in `batch` that records from `seq` on are closed to this node; returns what to tell. */
export function noteClosed(
  batch: SpaceBatch,
  origin: Origin,
  { seq, why }: { readonly seq: number; readonly why: WhyClosed | undefined },
): Problem {
  const { code, details } = why ?? { code: 'GRANT_MISSING', details: {} };
  const problem = { code, path: feedPlace(origin.node), details: { ...details, node: origin.node, seq } };
  batch.setCursor(cursorOf(origin), seq);
  batch.putProblem(problem);
  return problem;
}

export type WhyClosed = Pick<Problem, 'code' | 'details'>;

export interface ReopenParts {
  readonly state: SpaceState;
  readonly keys: Keyring;
  readonly me: Planner;
  readonly withholds: (author: NodeId) => (labelClass: string) => boolean;
  readonly refuses: NonNullable<IngestParts['refuses']>;
  readonly admits: (path: string, labelClass: string) => boolean;
  /** Why records stay closed, where it is not a grant that is missing. */
  readonly why: (origin: Origin, taken: Ingested) => Promise<WhyClosed | undefined>;
}

/**
 * Reads what was closed once more, or all from `from` on, one batch for each segment. Run it alone with the rows
 * (`SpaceState.exclusive`).
 */
export async function reopen(parts: ReopenParts, origin: Origin, from?: number): Promise<readonly Problem[]> {
  const { state, keys, me, refuses, admits } = parts;
  const withholds = parts.withholds(origin.node);
  const problems: Problem[] = [];
  const withheld = { seq: 0, records: 0 };
  let closed: { readonly seq: number; readonly why: WhyClosed | undefined } | undefined;
  const epochs = new Set<number>();
  for await (const segment of state.segments(origin, from ?? (await sealedFrom(state, origin)))) {
    const batch = state.batch();
    const taken = await ingestRecords({ segment, state, keys, me, withholds, refuses, admits, batch });
    if (taken.withheld > 0) withheld.seq ||= segment.header.first;
    withheld.records += taken.withheld;
    await batch.commit();
    for (const epoch of taken.closedEpochs) epochs.add(epoch);
    problems.push(...taken.problems);
    if (taken.unopened > 0) closed ??= { seq: segment.header.first, why: await parts.why(origin, taken) };
  }
  const batch = state.batch();
  // Its problem goes with the next look at those (`feed-problems.ts`): another life of the node may be closed still.
  if (closed === undefined) batch.setCursor(cursorOf(origin), 0);
  else problems.push(noteClosed(batch, origin, closed));
  noteEpochs(batch, origin, { epochs, all: true });
  batch.setCursor(withheldCursor(origin), withheld.seq);
  batch.setCursor(withheldCount(origin), withheld.records);
  await batch.commit();
  return problems;
}

/** After a start: a crash may have come between a grant and what it opens. */
export async function reopenAll(parts: ReopenParts): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const { origin } of await parts.state.origins()) {
    if ((await sealedFrom(parts.state, origin)) === 0) continue;
    problems.push(...(await parts.state.exclusive(() => reopen(parts, origin))));
  }
  return problems;
}

/** What grants called for too soon. */
export async function reopenDue(parts: ReopenParts, pace: ReopenPace): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const origin of pace.due()) {
    // A look after new labels may have read it meanwhile: with nothing closed it would be read from its beginning.
    const isClosed = (await sealedFrom(parts.state, origin)) > 0;
    const read = () => pace.run(origin, async () => (isClosed ? reopen(parts, origin) : []));
    problems.push(...((await parts.state.exclusive(read)) ?? []));
  }
  return problems;
}

/** Of the time at most one in so many parts goes into reading one feed again. */
const restFactor = 10;

/**
 * How often feeds are read again. Each grant is a reason to, and its author may give one after the other: what comes too
 * soon is due later.
 */
export class ReopenPace {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #feeds = new Map<string, { readonly origin: Origin; readonly notBefore: number; due: boolean }>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Undefined when it is too soon. */
  async run<T>(origin: Origin, work: () => Promise<T>): Promise<T | undefined> {
    const key = originKey(origin);
    const began = this.#clock.monotonic();
    const known = this.#feeds.get(key);
    if (known && began < known.notBefore) {
      known.due = true;
      return undefined;
    }
    const done = await work();
    const now = this.#clock.monotonic();
    this.#feeds.set(key, { origin, notBefore: now + (now - began) * restFactor, due: false });
    return done;
  }

  /** How many are to be read yet. */
  get waiting(): number {
    return [...this.#feeds.values()].filter(({ due }) => due).length;
  }

  /** Feeds whose time has come. */
  due(): readonly Origin[] {
    const now = this.#clock.monotonic();
    return [...this.#feeds.values()].flatMap(({ origin, notBefore, due }) =>
      due && now >= notBefore ? [origin] : [],
    );
  }
}
