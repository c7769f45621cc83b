/**
 * The three channels never mix. An error ends this run; a problem ends one item and the others go on;
 * a conflict is two edits that both live on. Each code has its texts in `core/messages/`.
 */
export type Retry = 'never' | 'later' | 'after-change';

export interface Details {
  readonly [name: string]: string | number | boolean;
}

/** A failure that ends the current operation. `code` is a key of the catalogue in `core/messages/`. */
export class DongboError extends Error {
  readonly code: string;
  readonly details: Details;
  readonly retry: Retry;

  constructor(code: string, details: Details = {}, options: { retry?: Retry; cause?: unknown } = {}) {
    const shown = Object.entries(details).map(([k, v]) => `${k}=${v}`);
    super(`${code}${shown.length > 0 ? ` (${shown.join(', ')})` : ''}`, { cause: options.cause });
    this.name = 'DongboError';
    this.code = code;
    this.details = details;
    this.retry = options.retry ?? 'never';
  }
}

export const isCode = (error: unknown, code: string): error is DongboError =>
  error instanceof DongboError && error.code === code;

/** After these nothing that is written can be trusted: the process ends, and the service manager starts it anew. */
const fatalCodes = new Set(['STATE_WRITE_FAILED', 'STATE_DAMAGED']);

export const isFatal = (error: unknown): boolean =>
  error instanceof DongboError && fatalCodes.has(error.code);

/** What nobody foresaw: a broken assertion, or what the runtime throws for a fault of our own. */
export const isOwnFault = (error: unknown): boolean =>
  isCode(error, 'INVARIANT') ||
  error instanceof TypeError ||
  error instanceof RangeError ||
  error instanceof SyntaxError ||
  error instanceof ReferenceError;

/**
 * What nobody foresaw, as an error with a code, so that it ends the smallest piece of work that it is about and never
 * the process: data of others may have led to it. `what` says where it came from and repeats no text of the error, which may hold a name.
 */
export function asFault(error: unknown): DongboError {
  if (error instanceof DongboError && error.code !== 'INVARIANT') return error;
  return new DongboError('OWN_FAULT', { what: whereFrom(error) }, { retry: 'later', cause: error });
}

function whereFrom(error: unknown): string {
  if (isCode(error, 'INVARIANT')) return String(error.details.what);
  if (!(error instanceof Error)) return typeof error;
  const [, place] = /([\w-]+\.ts:\d+)/.exec(error.stack ?? '') ?? [];
  return place === undefined ? error.name : `${error.name}, ${place}`;
}

/** One item that could not be handled. `path` is for local eyes only (never in a log at info or above). */
export interface Problem {
  readonly code: string;
  readonly path: string;
  readonly details: Details;
}

/** Every reason to stop a space; each has its case in `test/status/no-progress.test.ts`. */
export const haltCodes = [
  'AUDIT_CUT_OFF',
  'AUDIT_DAMAGED',
  'AUDIT_FULL',
  'AUDIT_REPLACED',
  'AUDIT_UNWRITABLE',
  'DISK_FULL',
  'MASS_DELETE_INCOMING',
  'MASS_DELETE_LOCAL',
  'MASS_WITHDRAWAL',
  'OWN_FAULT',
  'STORE_ROOT_FOREIGN',
  'STORE_ROOT_GONE',
  'STORE_ROOT_OVERLAPS',
  'STORE_ROOT_UNREADABLE',
  'STORE_SUDDENLY_EMPTY',
] as const;
export type HaltCode = (typeof haltCodes)[number];

export const isHaltCode = (code: string): code is HaltCode => (haltCodes as readonly string[]).includes(code);

/** A safety stop of one space's store, lifted by a person (`dongbo release`) or when its cause goes away. */
export interface Halt {
  readonly code: HaltCode;
  readonly details: Details;
  /** True when only a person may lift it; false when it lifts itself as soon as the cause is gone. */
  readonly needsRelease: boolean;
}
