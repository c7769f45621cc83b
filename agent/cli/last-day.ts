/** The last day of validity, as people write it; it is over when that day ends in Vietnam. Gives ISO 8601, UTC. */
import { dayField } from '#agent/core/agreement-terms.ts';
import { dayStart } from '#agent/core/legal-basis.ts';

const dayMs = 24 * 3_600_000;

export const lastDay = dayField
  .meta({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
  .transform((day) => new Date(dayStart(day) + dayMs).toISOString());
