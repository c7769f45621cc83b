/** Times of the log: microseconds since the Unix epoch, UTC. Fine enough that each record has one of its own. */

const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;

export function microsText(micros: number): string {
  const ms = new Date(Math.floor(micros / 1000)).toISOString();
  return `${ms.slice(0, -1)}${String(micros % 1000).padStart(3, '0')}Z`;
}

/** Undefined for what is no such time. */
export function microsOf(text: string): number | undefined {
  if (!form.test(text)) return undefined;
  const ms = Date.parse(`${text.slice(0, 23)}Z`);
  return Number.isNaN(ms) ? undefined : ms * 1000 + Number(text.slice(23, 26));
}

/** `2026-07` as months since the year 0, so that months can be counted. */
export const monthNumber = (month: string): number =>
  Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7));
