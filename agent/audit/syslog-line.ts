/**
 * A record of the log as a syslog message: RFC 5424 (§6 the message, §6.3 structured data), framed by RFC 5425 §4.3
 * (octet counting). Nothing is in it that is not in the record: opaque references, no names, no content.
 */
import type { AuditRecord } from './record.ts';

export interface SyslogSource {
  /** e-ID of this node's agency. */
  readonly agency: string;
  readonly node: string;
  readonly hostname: string;
}

/** `log audit` (RFC 5424 §6.2.1). */
const facility = 13;
const severities = { critical: 2, warning: 4, notice: 5, informational: 6 } as const;

/** What a person should look at now. Whatever is neither here nor a sharing is a decision: notice. */
const urgent: Readonly<Record<string, keyof typeof severities>> = {
  'log.cut': 'critical',
  'log.lost': 'critical',
  'sharing.stopped': 'critical',
  'peer.log': 'critical',
  halted: 'warning',
  refused: 'warning',
  problem: 'warning',
  CLOCK_ROLLBACK: 'warning',
};
const sharings = new Set(['supplied', 'received', 'receipt', 'content', 'content.begun']);

const severityOf = (type: string): number =>
  severities[urgent[type] ?? (sharings.has(type) ? 'informational' : 'notice')];

/**
 * The id of our structured data. 32473 is the enterprise number that RFC 5612 sets aside for examples: dongbo has none
 * of its own, and a collector only needs it to be always the same.
 */
export const structuredDataId = 'dongbo@32473';

/** One whole frame, with its length before it. */
export function syslogFrame(record: AuditRecord, { agency, node, hostname }: SyslogSource): Uint8Array {
  const { seq, time, type, fields, hash } = record;
  // SD-PARAMs of one element must not share a name: what the record says of these comes under another.
  const own = { eId: agency, node, seq, type, hash };
  const rest = Object.entries(fields).map(([name, value]) => [name in own ? `record.${name}` : name, value]);
  const params = [...Object.entries(own), ...rest].map(
    ([name, value]) => ` ${nameOf(name)}="${escaped(value)}"`,
  );
  const header = `<${facility * 8 + severityOf(type)}>1 ${time} ${word(hostname, 255)} dongbo - ${word(type, 32)}`;
  const text = typeof fields.code === 'string' ? `${type} ${fields.code}` : type;
  const message = Buffer.from(`${header} [${structuredDataId}${params.join('')}] ${text}`);
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

/** PRINTUSASCII without spaces, `-` for nothing (§6.2.4). */
const word = (text: string, most: number): string => text.replace(/[^!-~]/g, '').slice(0, most) || '-';

/** SD-NAME (§6.3.2, §6.3.3). */
const nameOf = (name: unknown): string => word(String(name).replace(/[="\]]/g, ''), 32);

/** PARAM-VALUE: these three are escaped (§6.3.3). No control character reaches anybody's terminal. */
const escaped = (value: unknown): string =>
  String(value)
    .replace(/\p{Cc}/gu, '\u{fffd}')
    .replace(/["\\\]]/g, '\\$&');
