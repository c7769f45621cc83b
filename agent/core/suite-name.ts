/** The suites of algorithms that a space can name. What each consists of: `seal/suite.ts` and docs/protocol.md. */
export const suiteNames = ['nacl-pq', 'vn-civil'] as const;
export type SuiteName = (typeof suiteNames)[number];
