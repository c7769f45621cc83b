/**
 * How fresh the copy of one author's changes is (R13). The proof is the author's own: a head that it signed at a time,
 * of which this node holds everything. Whoever passes heads on can keep them back and cannot make them younger. Pure.
 */

/** Clocks of agencies differ; a head signed further ahead than this proves nothing. */
export const clockSkewMs = 10 * 60_000;
const hourMs = 3_600_000;
const leastRenewMs = 5 * 60_000;
const renewalsInTerm = 24;

/** Times are milliseconds since the Unix epoch. */
export interface Freshness {
  /** Since when this node awaits the author's word. */
  readonly since: number;
  /** When the author signed what is held here whole; undefined before the first such head. */
  readonly synced: number | undefined;
  /** The latest moment that was reached since then: a clock that goes back does not make old things fresh. */
  readonly seen: number;
  readonly stale: boolean;
}

export interface Moment {
  readonly now: number;
  /** Milliseconds since the last look, by a clock that never goes back. */
  readonly elapsed: number;
  readonly freshnessMs: number;
  /** When the author signed the newest head of which everything is durable here. */
  readonly proven: number | undefined;
}

export const freshnessMsOf = ({ freshnessHours }: { readonly freshnessHours: number }): number =>
  freshnessHours * hourMs;

/** An author that has nothing new to say signs its head again when it is this old. */
export const renewMsOf = (agreement: { readonly freshnessHours: number }): number =>
  Math.max(leastRenewMs, freshnessMsOf(agreement) / renewalsInTerm);

export const awaited = (now: number): Freshness => ({
  since: now,
  synced: undefined,
  seen: now,
  stale: false,
});

/** The end of what can be relied on. Only a newer word of the author moves it. */
export const validUntil = ({ since, synced }: Freshness, freshnessMs: number): number =>
  (synced ?? since) + freshnessMs;

export function advance(before: Freshness, { now, elapsed, freshnessMs, proven }: Moment): Freshness {
  const credible = proven !== undefined && proven <= now + clockSkewMs ? Math.min(proven, now) : undefined;
  const renewed = credible !== undefined && credible > (before.synced ?? 0);
  // A new word begins a new reckoning, so that a clock that was wrong once does not count for ever.
  const seen = renewed ? now : Math.max(now, before.seen + elapsed);
  const after = { ...before, ...(renewed ? { synced: credible } : {}), seen };
  return { ...after, stale: seen >= validUntil(after, freshnessMs) };
}

/** Whether a head is younger than the one held, which says the same. Both are times of signing. */
export function isYounger(held: number, told: number, now: number): boolean {
  if (told > now + clockSkewMs) return false;
  // One signed by a clock that was far ahead would otherwise stand in the way until then.
  return told > held || held > now + clockSkewMs;
}

/** Whether the author of a head is to sign it again, now. */
export const isRenewalDue = (time: number, now: number, renewMs: number): boolean =>
  now - time >= renewMs || time > now + clockSkewMs;
