/** Feed → rows: a segment that was verified goes into the feed and the rows, in one batch, and opens what waited for it. */
import { ingest } from '#agent/apply/ingest.ts';
import type { Problem } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { Planner } from '#agent/core/plan.ts';
import type { Head, Segment } from '#agent/core/segment.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { type AdmissionParts, admissionOf } from './admission.ts';
import {
  closedFrom,
  mayOpen,
  noteClosed,
  noteEpochs,
  noteWithheld,
  type ReopenPace,
  reopen,
  sealedFrom,
} from './closed-feeds.ts';
import { tellCorrections } from './correction-work.ts';

export interface TakeParts extends AdmissionParts {
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly pace: ReopenPace;
}

export interface TakenSegment {
  readonly problems: readonly Problem[];
  readonly grants: number;
}

export function takeSegment(
  parts: TakeParts,
  me: Planner,
  { segment, head }: { readonly segment: Segment; readonly head: Head },
): Promise<TakenSegment> {
  const { own, keyring: keys, clock, emit, pace } = parts;
  const { state } = own;
  const { origin, first } = segment.header;
  const admission = admissionOf(parts);
  return state.exclusive(async () => {
    const batch = state.batch();
    const withholds = admission.withholds(origin.node);
    const now = clock.now();
    const taken = await ingest({ segment, head, state, keys, me, ...admission, withholds, batch, now });
    const sealed = await sealedFrom(state, origin);
    const closed = await closedFrom(state, origin);
    await noteWithheld({ state, batch }, origin, { seq: first, records: taken.withheld });
    const told =
      taken.unopened > 0 && closed === 0
        ? [noteClosed(batch, origin, { seq: first, why: await admission.why(origin, taken) })]
        : [];
    noteEpochs(batch, origin, { epochs: taken.closedEpochs, all: sealed === 0 });
    await batch.commit();
    const opens = sealed > 0 && (await mayOpen(state, origin, taken.grantedEpochs));
    tellCorrections(emit, own.space, taken);
    const read = () => reopen({ state, keys, me, ...admission }, origin);
    const again = opens ? ((await pace.run(origin, read)) ?? []) : [];
    return { problems: [...taken.problems, ...told, ...again], grants: taken.grants };
  });
}
