/** What every contender reports of one work. */
export interface Measured {
  readonly seconds: number;
  /** Bytes both ways on the wire, where the contender tells. */
  readonly wireBytes?: number;
}

export type Work = 'first-sync' | 'small-files' | 'edit' | 'latency';
export const works: readonly Work[] = ['first-sync', 'small-files', 'edit', 'latency'];

export type Results = Record<string, Partial<Record<Work, Measured>>>;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
