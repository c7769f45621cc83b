/**
 * Agency e-IDs (Decision 20/2020, R08): at most 35 of `.0-9A-Z`; the tree of agencies is written in the dots.
 * The older form of QCVN 102, which reads from the leaf to the root (`000.00.00.H41`), is understood too.
 */
import { DongboError } from './errors.ts';

declare const brand: unique symbol;
/** An agency e-ID in the form of Decision 20/2020, such as `H29.12`. */
export type AgencyId = string & { readonly [brand]: 'AgencyId' };

const maxLength = 35;
const root = '(?:[A-Y][0-9]{2}|Z(?:0[1-9]|[1-9][0-9]))';
const form = new RegExp(`^${root}(?:\\.[0-9A-Z]+)*$`);
const reversedForm = new RegExp(`^[0-9]{3}\\.[0-9]{2}\\.[0-9]{2}\\.${root}$`);

/** Checks an e-ID. `raw` keeps what was given, `id` is the form in force. Throws AGENCY_MALFORMED. */
export function parseAgencyId(raw: unknown): { readonly id: AgencyId; readonly raw: string } {
  if (typeof raw === 'string' && raw.length <= maxLength) {
    if (reversedForm.test(raw)) return { id: turnRound(raw), raw };
    if (form.test(raw)) return { id: raw as AgencyId, raw };
  }
  throw new DongboError('AGENCY_MALFORMED', {
    value: typeof raw === 'string' ? raw.slice(0, 60) : typeof raw,
  });
}

/** `000.00.12.H41` is `H41.12`: groups of zeros at the leaf's end mean "no such level". */
function turnRound(raw: string): AgencyId {
  const levels = raw.split('.').reverse();
  while (/^0+$/.test(levels.at(-1) ?? '')) levels.pop();
  return levels.join('.') as AgencyId;
}

/** Whether `a` stands above `b`: on a dot boundary, so `H55.2` is no ancestor of `H55.242`. */
export const isAncestor = (a: AgencyId, b: AgencyId): boolean => b.startsWith(`${a}.`);
