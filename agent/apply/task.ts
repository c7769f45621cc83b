/** One piece of work that the plan gave, and what became of it. */

import type { Details } from '#agent/core/errors.ts';
import type { Row } from '#agent/core/item.ts';
import { sameContent } from '#agent/core/item.ts';
import type { Action } from '#agent/core/plan.ts';
import type { RefLog } from './ref-log.ts';

export type PutAction = Extract<Action, { do: 'apply' }>;
export type DeleteAction = Extract<Action, { do: 'delete' }>;

export interface PutTask {
  readonly path: string;
  readonly row: Row;
  readonly action: PutAction;
}

/** How a put is done on the disk. `touch` changes mode and time of what is there and moves no content. */
export type Shape = 'dir' | 'touch' | 'link' | 'file';

export function shapeOf({ row, action }: PutTask): Shape {
  const { state } = action.remote;
  const local = row.local?.state;
  if (state.kind === 'dir') return 'dir';
  if (local && sameContent(local, state)) return 'touch';
  return state.kind === 'link' ? 'link' : 'file';
}

/** Ready to be placed: what has to be moved in stands in the stage folder, complete and verified. */
export interface Prepared {
  readonly task: PutTask;
  readonly shape: Shape;
  /** Absolute; for files and links that are staged. */
  readonly stage?: string;
  /** Plaintext of a small file that is still to be staged. */
  readonly pieces?: readonly Uint8Array[];
  /** Where its chunks will be found once it is in place. */
  readonly refs?: RefLog;
}

/** Why an item was not written. Expected outcomes, so no exceptions. */
export type Setback =
  /** Something that is on its way: content, a parent, somebody's answer. */
  | { readonly outcome: 'waiting' }
  /** The disk is not as the last scan saw it: nothing is touched, the directory must be scanned first. */
  | { readonly outcome: 'stale' }
  /** A directory that has to give way still holds something. */
  | { readonly outcome: 'not-empty' }
  | { readonly outcome: 'problem'; readonly code: string; readonly details: Details };

export const waiting: Setback = { outcome: 'waiting' };
export const notEmpty: Setback = { outcome: 'not-empty' };
export const stale: Setback = { outcome: 'stale' };
export const problem = (code: string, details: Details = {}): Setback => ({
  outcome: 'problem',
  code,
  details,
});
