/** What a failed request means, from the codes of got, node:net and node:tls. */
import { DongboError } from '#agent/core/errors.ts';
import type { NodeId } from '#agent/core/ids.ts';

/** Given by our check of the peer's certificate. */
export const wrongCertificate = 'DONGBO_WRONG_CERTIFICATE';

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'PEER_UNREACHABLE',
  EHOSTUNREACH: 'PEER_UNREACHABLE',
  ENETUNREACH: 'PEER_UNREACHABLE',
  ENOTFOUND: 'PEER_NAME_UNKNOWN',
  EAI_AGAIN: 'PEER_NAME_UNKNOWN',
  ETIMEDOUT: 'PEER_TIMEOUT',
  [wrongCertificate]: 'PEER_CERTIFICATE',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'PEER_CERTIFICATE',
  SELF_SIGNED_CERT_IN_CHAIN: 'PEER_CERTIFICATE',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'PEER_CERTIFICATE',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'PEER_CERTIFICATE',
  UNABLE_TO_GET_ISSUER_CERT: 'PEER_CERTIFICATE',
  CERT_HAS_EXPIRED: 'PEER_CERTIFICATE',
  CERT_NOT_YET_VALID: 'PEER_CERTIFICATE',
  CERT_SIGNATURE_FAILURE: 'PEER_CERTIFICATE',
  ERR_SSL_WRONG_VERSION_NUMBER: 'PEER_NOT_TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'PEER_NOT_TLS',
  EPROTO: 'PEER_NOT_TLS',
};

/** Keeps only the code of the cause: got's errors carry their options, and with them this node's TLS key. */
export function errorOfRequest(error: unknown, peer: NodeId): DongboError {
  if (error instanceof DongboError) return error;
  const cause = innermostCode(error);
  const known = cause === undefined ? undefined : byCode[cause];
  const code = known ?? (cause?.includes('ALERT') ? 'PEER_REFUSED_CERTIFICATE' : 'PEER_LOST');
  return new DongboError(code, { peer, cause: cause ?? 'unknown' }, { retry: 'later' });
}

/** got wraps: the code that says most is the deepest. */
function innermostCode(error: unknown): string | undefined {
  let code: string | undefined;
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') code = at.code;
  }
  return code;
}
