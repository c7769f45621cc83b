/**
 * What a version before this one did not write down, made up for once in a state's life and before anything more comes:
 * what was opened under each tag, or a raised label would withdraw nothing of it and be signed for; grants that it
 * could not read; and that peers may hold chunks of this node, or those would never be told to drop them.
 */
import type { Agreement } from '#agent/core/agreement.ts';
import type { Problem } from '#agent/core/errors.ts';
import { type Origin, originKey } from '#agent/core/ids.ts';
import { feedOf } from '#agent/core/problem-place.ts';
import { type ReopenParts, reopen } from './closed-feeds.ts';

export interface CatchUpParts extends ReopenParts {
  readonly agreement: Agreement;
  readonly tell: (problems: readonly Problem[]) => void;
}

const doneCursor = 'opened-tags';

export class CatchUp {
  #done: Promise<void> | undefined;

  /** Tried again after a failure. */
  run(parts: () => CatchUpParts): Promise<void> {
    this.#done ??= catchUp(parts()).catch((error: unknown) => {
      this.#done = undefined;
      throw error;
    });
    return this.#done;
  }
}

async function catchUp(parts: CatchUpParts): Promise<void> {
  const { state, me, agreement, tell } = parts;
  if ((await state.cursor(doneCursor)) > 0) return;
  for (const { origin: of } of await state.origins()) {
    if (originKey(of) === originKey(me)) await noteAllPushedTo(parts, agreement);
    else {
      await forgetRefused(parts, of);
      tell(await state.exclusive(() => reopen(parts, of, 1)));
    }
  }
  const batch = state.batch();
  batch.setCursor(doneCursor, 1);
  await batch.commit();
}

/** What is no good in this version's eyes is noted again. */
async function forgetRefused({ state }: CatchUpParts, { node }: Origin): Promise<void> {
  const batch = state.batch();
  for await (const { path } of state.problems()) if (isRecordOf(path, node)) batch.clearProblem(path);
  await batch.commit();
}

const isRecordOf = (subject: string, node: string): boolean => {
  const place = feedOf(subject);
  return place?.node === node && place.seq !== undefined;
};

/** To ask for the drop of what a peer never had costs one request. */
async function noteAllPushedTo({ state, me }: CatchUpParts, { members }: Agreement): Promise<void> {
  for (const { card } of members) if (card.node !== me.node) await state.notePushedTo(card.node);
}
