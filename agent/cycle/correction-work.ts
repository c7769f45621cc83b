/** Corrections (R36) on their way: what a look proposes, and what the owner's decisions call for. */

import type { Ingested } from '#agent/apply/ingest.ts';
import { actorOf } from '#agent/core/actor.ts';
import { maxEpoch } from '#agent/core/bounds.ts';
import { decode, encode } from '#agent/core/codec.ts';
import { isToBeOwned, proposal } from '#agent/core/correction.ts';
import type { Emit } from '#agent/core/event.ts';
import { Fields } from '#agent/core/fields.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import type { Answer, ItemChange, Row } from '#agent/core/item.ts';
import { originFields, readOrigin } from '#agent/core/origin-fields.ts';
import { parentOf } from '#agent/core/path.ts';
import { isAtRest, type Planner, planItem } from '#agent/core/plan.ts';
import { bumpVersion, mergeVersions } from '#agent/core/version.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { LabelGate } from './label-gate.ts';
import type { Publisher } from './publisher.ts';
import { unlessAway } from './unless-cipher-gone.ts';

/** Decisions whose outcome is not published yet, by path; the value is the answer, empty when there is none. */
const duePrefix = 'due/';
export const dueKey = (path: string): string => `${duePrefix}${path}`;
const duePerTurn = 256;

export const encodeDue = (answer: Answer | undefined): Uint8Array =>
  answer
    ? encode({ ...originFields(answer.to), epoch: answer.epoch, sealed: answer.sealed })
    : new Uint8Array();

function decodeDue(bytes: Uint8Array): Answer | undefined {
  if (bytes.length === 0) return undefined;
  const fields = new Fields('answer', decode(bytes));
  return {
    to: readOrigin(fields),
    epoch: fields.int('epoch', 1, maxEpoch),
    sealed: fields.someBytes('sealed'),
  };
}

/** For the publisher: a local edit that goes to the master owner, or nothing. */
export function proposedIn(
  path: string,
  row: Row,
  { me }: Pick<Publisher, 'me'>,
): { readonly proposed?: ItemChange; readonly contentBytes: number } {
  const proposed = proposal(path, row, me);
  if (!proposed) return { contentBytes: 0 };
  return { proposed, contentBytes: proposed.state.kind === 'file' ? proposed.state.size : 0 };
}

/** What the owner's own version of a decided item tells the proposer. */
export async function answerDue(
  state: Pick<SpaceState, 'correction'>,
  path: string,
  row: Row,
  me: Planner,
): Promise<{ readonly answer?: Answer }> {
  if (me.masterOwner !== me.node) return {};
  const bytes = row.remote?.author.node === me.node ? undefined : await state.correction(dueKey(path));
  const answer = bytes && decodeDue(bytes);
  return answer ? { answer } : {};
}

export interface DueParts {
  readonly state: SpaceState;
  readonly labels: LabelGate;
  readonly publisher: () => Publisher;
  readonly lookAt: (dir: string) => void;
}

/** After the applier has run: outcomes that are on the disk are published as the owner's, and then forgotten. */
export async function publishDecided({ state, labels, publisher, lookAt }: DueParts): Promise<void> {
  const due: [string, Uint8Array][] = [];
  for await (const one of state.corrections(duePrefix)) if (due.push(one) >= duePerTurn) break;
  if (due.length === 0) return;
  const own = publisher();
  for (const [path] of due) {
    const row = (await state.row(path)) ?? {};
    if (row.remote?.author.node === own.me.node || !row.remote) await forget(state, path);
    else if (!isToBeOwned(row, own.me)) continue;
    else if (row.local && row.local.state.kind !== 'gone') lookAt(parentOf(path));
    else await unlessAway(() => publishGone({ state, labels, publisher: own }, path, row));
  }
  await own.flush();
}

/** Told once for each segment that brings some. */
export function tellCorrections(
  emit: Emit,
  space: SpaceId,
  { proposals, answers }: Pick<Ingested, 'proposals' | 'answers'>,
): void {
  const note = (code: string, count: number) => {
    if (count > 0) emit({ type: 'note', code, details: { space, count } });
  };
  note('CORRECTION_RECEIVED', proposals);
  note('CORRECTION_REFUSED', answers.length);
}

/** Nothing is on the disk to be looked at: the delete is told at once. */
async function publishGone(
  { state, labels, publisher }: { state: SpaceState; labels: LabelGate; publisher: Publisher },
  path: string,
  row: Row,
): Promise<void> {
  const { me } = publisher;
  if (!isAtRest(planItem(row, me)) || !row.remote) return;
  const known = mergeVersions(row.agreed?.version ?? [], row.remote.seen);
  const version = bumpVersion(known, actorOf(me));
  const answer = await answerDue(state, path, row, me);
  const change = { path, state: { kind: 'gone' }, version, ...answer } as const;
  await publisher.add({ path, change, labelClass: await labels.ofRecord(row), contentBytes: 0 });
}

async function forget(state: SpaceState, path: string): Promise<void> {
  const batch = state.batch();
  batch.putCorrection(dueKey(path), undefined);
  await batch.commit();
}
