/** How refusals travel: an HTTP status and a small JSON document `{"code": "…"}`. */
import { DongboError, type Retry } from '#agent/core/errors.ts';

interface Refusal {
  readonly status: number;
  readonly retry: Retry;
}

/**
 * The codes that cross the wire. A node shows a code that a peer sent only if it is one of these; details never
 * cross, so that no error can carry a name or a path of the other side.
 */
const refusals = {
  BODY_MALFORMED: { status: 400, retry: 'never' },
  SEGMENT_REFUSED: { status: 400, retry: 'never' },
  NOT_A_MEMBER: { status: 403, retry: 'after-change' },
  ROLE_REFUSED: { status: 403, retry: 'after-change' },
  ROUTE_UNKNOWN: { status: 404, retry: 'never' },
  SPACE_NOT_SHARED: { status: 404, retry: 'after-change' },
  METHOD_REFUSED: { status: 405, retry: 'never' },
  AGREEMENT_MISMATCH: { status: 409, retry: 'after-change' },
  FEED_GAP: { status: 409, retry: 'later' },
  FEED_FORK: { status: 409, retry: 'after-change' },
  BODY_TOO_LARGE: { status: 413, retry: 'never' },
  PEER_INTERNAL: { status: 500, retry: 'later' },
  PEER_BUSY: { status: 503, retry: 'later' },
  DISK_FULL: { status: 507, retry: 'later' },
} as const satisfies Readonly<Record<string, Refusal>>;

export type RefusalCode = keyof typeof refusals;

const isRefusalCode = (code: string): code is RefusalCode => Object.hasOwn(refusals, code);

export const statusOf = (code: RefusalCode): number => refusals[code].status;

/** What the caller may know of a failure here. */
export function refusalOf(error: unknown): RefusalCode {
  if (!(error instanceof DongboError)) return 'PEER_INTERNAL';
  if (error.code === 'CODEC_MALFORMED' || error.code === 'ID_MALFORMED') return 'BODY_MALFORMED';
  return isRefusalCode(error.code) ? error.code : 'PEER_INTERNAL';
}

export const refusalBody = (code: RefusalCode): string => `${JSON.stringify({ code })}\n`;

/** The error that a reply with a status other than 200 and 204 stands for. */
export function errorOfReply(status: number, body: string, details: { readonly peer: string }): DongboError {
  const code = codeIn(body);
  if (code && refusals[code].status === status) {
    return new DongboError(code, details, { retry: refusals[code].retry });
  }
  return new DongboError(
    'PEER_REFUSED',
    { ...details, status },
    { retry: status >= 500 ? 'later' : 'never' },
  );
}

function codeIn(body: string): RefusalCode | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const code = typeof parsed === 'object' && parsed !== null && 'code' in parsed ? parsed.code : undefined;
    return typeof code === 'string' && isRefusalCode(code) ? code : undefined;
  } catch {
    return undefined;
  }
}
