/** What a command is given instead of the process. */
import type { Clock } from '#agent/sys/clock.ts';
import type { Random } from '#agent/sys/random.ts';

export interface CliIo {
  readonly out: (line: string) => void;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends what waits. */
  readonly signal?: AbortSignal;
  /** English when absent. */
  readonly lang?: 'vi' | 'en';
}

/** Where a node keeps its state; keys are in `<state>/keys` unless said otherwise. */
export interface NodePlace {
  readonly state: string;
  readonly keys?: string;
}

/** The words of a command in the language of the person. */
export const wordsFor = <W>(io: CliIo, words: { readonly en: W; readonly vi: W }): W =>
  words[io.lang ?? 'en'];
