/**
 * Files that hold the same and are published at about the same time go out under one class, the highest of theirs. Of an
 * edited file and its copy nobody can tell which is which, and `Kin` knows only what is in the index: of two that one look
 * finds, or two looks soon after each other, neither is there when the other is judged. What went out under less is judged
 * anew, so that it is withdrawn.
 */
import { parseLabelClass } from '#agent/core/clearance.ts';
import { type Origin, originKey } from '#agent/core/ids.ts';
import { type ItemChange, type ItemState, sameContent } from '#agent/core/item.ts';
import { labelWithin } from '#agent/core/label.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { KinParts } from './kin.ts';

/** A watch tells of an edit and of the copy of it within seconds; a busy look takes longer. */
const togetherMs = 60_000;
/** Within one step of this nothing is told apart, so that few times are remembered. */
const stepMs = 1_000;

export interface AlikeParts {
  readonly state: Pick<SpaceState, 'pathsOf' | 'rows'>;
  readonly classOf: KinParts['classOf'];
  readonly clock: Pick<Clock, 'monotonic'>;
}

export interface Going {
  readonly change: ItemChange;
  readonly labelClass: string;
}

type File = Extract<ItemState, { kind: 'file' }>;

/** Under which classes a content goes, or has gone, to which paths. */
type Classes = readonly { readonly path: string; readonly labelClass: string }[];

const isLess = (a: string, b: string): boolean => {
  const [lower, higher] = [parseLabelClass(a), parseLabelClass(b)];
  return lower !== undefined && higher !== undefined && !labelWithin(higher, lower);
};

/** Those that are under less than another. */
const lowerIn = (all: Classes): readonly string[] =>
  all
    .filter(({ labelClass }) => all.some((other) => isLess(labelClass, other.labelClass)))
    .map(({ path }) => path);

/** Files that are not empty, by what they hold. */
function byContent(
  all: readonly Going[],
): ReadonlyMap<string, { readonly state: File; readonly at: Classes }> {
  const found = new Map<string, { readonly state: File; at: Classes }>();
  for (const { change, labelClass } of all) {
    const { path, state } = change;
    if (state.kind !== 'file' || state.size === 0) continue;
    const key = `${state.size} ${state.sha256}`;
    const known = found.get(key) ?? { state, at: [] };
    found.set(key, { ...known, at: [...known.at, { path, labelClass }] });
  }
  return found;
}

export class Alike {
  readonly #parts: AlikeParts;
  /** When what was published (monotonic ms), from which number of the feed on, and under which classes. */
  #lately: { readonly at: number; readonly first: number; readonly classes: Set<string> }[] = [];

  /** What went out lower in this time: whether it is still to be judged anew. Once each, for a person may have decided so. */
  readonly #anew = new Map<string, boolean>();

  constructor(parts: AlikeParts) {
    this.#parts = parts;
  }

  /** Paths that may not go out as they are sealed: another that goes with them has a higher class. */
  tooLow(all: readonly Going[]): ReadonlySet<string> {
    return new Set([...byContent(all).values()].flatMap(({ at }) => lowerIn(at)));
  }

  /** Whether what is read at a path goes out though nothing there has changed. */
  isDue(path: string): boolean {
    return this.#anew.get(path) ?? false;
  }

  /** Paths that went out now, or a moment ago, under less than another that holds the same. `first`: number of the first. */
  async wentLower(
    all: readonly Going[],
    { origin, first }: { readonly origin: Origin; readonly first: number },
  ) {
    this.#note(first, all);
    for (const { change } of all) if (this.isDue(change.path)) this.#anew.set(change.path, false);
    const found = new Set<string>();
    if (new Set(this.#lately.flatMap(({ classes }) => [...classes])).size < 2) return found;
    const since = this.#lately[0]?.first ?? first;
    for (const { state, at } of byContent(all).values()) {
      const before = await this.#published(state, { origin, since });
      for (const path of lowerIn([...before, ...at])) if (!this.#anew.has(path)) found.add(path);
    }
    for (const path of found) this.#anew.set(path, true);
    return found;
  }

  async #published(
    state: File,
    { origin, since }: { readonly origin: Origin; readonly since: number },
  ): Promise<Classes> {
    const paths = await this.#parts.state.pathsOf(state);
    const rows = await this.#parts.state.rows(paths);
    const found: { readonly path: string; readonly labelClass: string }[] = [];
    for (const [i, path] of paths.entries()) {
      const remote = rows[i]?.remote;
      if (!remote || remote.seq < since || originKey(remote.author) !== originKey(origin)) continue;
      if (!sameContent(remote.state, state)) continue;
      found.push({ path, labelClass: (await this.#parts.classOf(remote.author, remote.epoch)) ?? '' });
    }
    return found;
  }

  #note(first: number, all: readonly Going[]): void {
    const at = this.#parts.clock.monotonic();
    const classes = new Set(all.map(({ labelClass }) => labelClass));
    this.#lately = this.#lately.filter((one) => at - one.at <= togetherMs);
    const last = this.#lately.at(-1);
    if (!last) this.#anew.clear();
    if (last && at - last.at < stepMs) for (const one of classes) last.classes.add(one);
    else this.#lately.push({ at, first, classes });
  }
}
