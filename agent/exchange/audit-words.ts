/**
 * What two nodes tell each other of their audit logs whenever one asks the other for heads: the head of their own, and
 * what they remember of the other's. The question carries it in a header, the reply in a field.
 */
import { type AuditHead, decodeAuditHead, encodeAuditHead } from '#agent/core/audit-head.ts';
import { decode, encode } from '#agent/core/codec.ts';
import { DongboError } from '#agent/core/errors.ts';
import { Fields } from '#agent/core/fields.ts';
import { maxAuditWords, maxRememberedHeads } from './limits.ts';

export interface AuditWords {
  /** Undefined while the node has no log that it can write. */
  readonly head: AuditHead | undefined;
  /** Heads of the other's log, signed by the other, the newest last; at most `maxRememberedHeads`. */
  readonly remembered: readonly AuditHead[];
}

export const noWords: AuditWords = { head: undefined, remembered: [] };
export const auditHeader = 'dongbo-audit';

export const encodeAuditWords = ({ head, remembered }: AuditWords): Uint8Array =>
  encode({
    v: 1,
    head: head ? encodeAuditHead(head) : new Uint8Array(0),
    remembered: remembered.slice(-maxRememberedHeads).map(encodeAuditHead),
  });

/** Throws CODEC_MALFORMED. Signatures are not checked. */
export function decodeAuditWords(bytes: Uint8Array): AuditWords {
  const fields = new Fields('audit words', decode(bytes, maxAuditWords));
  fields.int('v', 1, 1);
  const head = fields.bytes('head');
  const remembered = fields.list('remembered', 0, maxRememberedHeads).map((each) => {
    return each instanceof Uint8Array ? decodeAuditHead(each) : fields.fail('remembered', 'byte strings');
  });
  fields.end();
  return { head: head.length > 0 ? decodeAuditHead(head) : undefined, remembered };
}

export const auditHeaderText = (words: AuditWords): string =>
  Buffer.from(encodeAuditWords(words)).toString('base64url');

/** No header: nothing told. Throws BODY_MALFORMED or CODEC_MALFORMED. */
export function readAuditHeader(text: string | string[] | undefined): AuditWords {
  if (text === undefined) return noWords;
  if (typeof text !== 'string' || !/^[\w-]+$/.test(text))
    throw new DongboError('BODY_MALFORMED', { rule: auditHeader });
  return decodeAuditWords(Buffer.from(text, 'base64url'));
}
