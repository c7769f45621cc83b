/** The pace of a link, ms. */
export interface LinkTimes {
  /** A space is looked at this often even when no event comes: lost wants are found again. */
  readonly lookMs: number;
  /** First and longest wait before the next try. */
  readonly leastMs: number;
  readonly mostMs: number;
  /** A connection that held this long was a good one: the next wait starts small again. */
  readonly steadyMs: number;
}

export const linkTimes: LinkTimes = { lookMs: 60_000, leastMs: 500, mostMs: 60_000, steadyMs: 10_000 };
