/**
 * One record, one line of JSON. Its hash is SHA-256 over the line without the hash itself, so that common tools can
 * check it: `sed 's/,"hash":"[0-9a-f]*"}$/}/' | tr -d '\n' | sha256sum` (docs/operations.md).
 */
import { hash } from 'node:crypto';
import type { Details } from '#agent/core/errors.ts';
import { type Digest, parseDigest } from '#agent/core/ids.ts';
import { microsOf } from './micros.ts';

export interface AuditRecord {
  /** From 1 on, without gaps. */
  readonly seq: number;
  /** UTC with microseconds, later than that of the record before. */
  readonly time: string;
  readonly type: string;
  readonly fields: Details;
  /** Hash of the record before; `noHash` for the first. */
  readonly prev: Digest;
  readonly hash: Digest;
}

export const noHash: Digest = parseDigest('0'.repeat(64));
/** Longer than any record gets: its texts are bounded. */
export const maxLineBytes = 32 * 1024;
const maxText = 1000;

type Unhashed = Omit<AuditRecord, 'hash'>;

const sha256 = (text: string | Uint8Array): Digest => parseDigest(hash('sha256', text, 'hex'));

/** The line, without its end, and the hash in it. Fields are sorted; long texts are cut. */
export function recordLine({ seq, time, type, fields, prev }: Unhashed): { line: string; hash: Digest } {
  const names = Object.keys(fields).sort();
  const sorted = Object.fromEntries(names.map((name) => [name, bounded(fields[name] as Details[string])]));
  const body = JSON.stringify({ seq, time, type, fields: sorted, prev });
  const own = sha256(body);
  return { line: `${body.slice(0, -1)},"hash":"${own}"}`, hash: own };
}

const bounded = (value: Details[string]): Details[string] =>
  typeof value === 'string' ? value.slice(0, maxText).toWellFormed() : value;

const tailBytes = ',"hash":""}'.length + 64;
const tail = /^,"hash":"([0-9a-f]{64})"\}$/;

/** Undefined when the line is no record, or is not what its hash was made over. */
export function parseLine(line: Uint8Array): AuditRecord | undefined {
  const cut = line.length - tailBytes;
  if (cut <= 0) return undefined;
  const text = Buffer.from(line).toString('utf8');
  const own = tail.exec(Buffer.from(line.subarray(cut)).toString('latin1'))?.[1];
  if (own === undefined || sha256(Buffer.concat([line.subarray(0, cut), closing])) !== own) return undefined;
  return fieldsOf(text);
}

const closing = Buffer.from('}');

/** Whoever can write a right hash can write any JSON: the form is checked all the same. */
function fieldsOf(text: string): AuditRecord | undefined {
  try {
    const { seq, time, type, fields, prev, hash: own } = JSON.parse(text) as Record<string, unknown>;
    if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1) return undefined;
    if (typeof time !== 'string' || microsOf(time) === undefined || typeof type !== 'string')
      return undefined;
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined;
    return { seq, time, type, fields: fields as Details, prev: parseDigest(prev), hash: parseDigest(own) };
  } catch {
    return undefined;
  }
}
