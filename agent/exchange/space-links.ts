/** The spaces of one connection, as the set of spaces that this node shares grows and shrinks. */
import type { SpaceId } from '#agent/core/ids.ts';
import { SpaceLink, type SpaceLinkParts } from './space-link.ts';

interface Running {
  readonly link: SpaceLink;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

export class SpaceLinks {
  readonly #parts: SpaceLinkParts;
  readonly #spaces: () => readonly SpaceId[];
  readonly #signal: AbortSignal;
  readonly #onBroken: (error: unknown) => void;
  readonly #running = new Map<SpaceId, Running>();

  /** `onBroken` hears of what one of them cannot go on with. */
  constructor(
    parts: SpaceLinkParts,
    spaces: () => readonly SpaceId[],
    signal: AbortSignal,
    onBroken: (error: unknown) => void,
  ) {
    this.#parts = parts;
    this.#spaces = spaces;
    this.#signal = signal;
    this.#onBroken = onBroken;
  }

  /** Starts and stops what the set of spaces asks for. */
  refresh(): void {
    const wanted = new Set(this.#spaces());
    for (const [space, { stop }] of this.#running) {
      if (wanted.has(space)) continue;
      stop.abort(new Error('space no longer shared'));
      this.#running.delete(space);
    }
    for (const space of wanted) if (!this.#running.has(space)) this.#start(space);
  }

  look(space: SpaceId): void {
    this.#of(space)?.look();
  }

  bring(space: SpaceId): void {
    this.#of(space)?.bring();
  }

  async ended(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  #of(space: SpaceId): SpaceLink | undefined {
    if (!this.#running.has(space)) this.refresh();
    return this.#running.get(space)?.link;
  }

  #start(space: SpaceId): void {
    const link = new SpaceLink(this.#parts, space);
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#signal, stop.signal]);
    const done = link.run(signal).catch((error) => {
      if (!signal.aborted) this.#onBroken(error);
    });
    this.#running.set(space, { link, stop, done });
  }
}
