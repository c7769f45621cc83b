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

/** One item that could not be handled. `path` is for local eyes only (never in a log at info or above). */
export interface Problem {
  readonly code: string;
  readonly path: string;
  readonly details: Details;
}

/** A safety stop of one space's store, lifted by a person (`dongbo release`) or when its cause goes away. */
export interface Halt {
  readonly code: string;
  readonly details: Details;
  /** True when only a person may lift it; false when it lifts itself as soon as the cause is gone. */
  readonly needsRelease: boolean;
}
