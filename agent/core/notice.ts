/** A notice of the owner: the space is suspended, goes on, or has ended (R15). Nothing is deleted by it. */
import { z } from 'zod';
import { paragraph } from './agreement-terms.ts';
import { maxNotices } from './bounds.ts';
import { encode } from './codec.ts';
import { type NodeId, parseNodeId, parseSpaceId, type SpaceId } from './ids.ts';
import { parseWith } from './schema-error.ts';
import { hexField, instant } from './trust-fields.ts';

export const noticeKinds = ['suspend', 'resume', 'end'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export interface Notice {
  readonly version: 1;
  readonly notice: NoticeKind;
  readonly space: SpaceId;
  readonly owner: NodeId;
  /** Counts the notices of a space: only a later one replaces the one that is held. */
  readonly number: number;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly issued: string;
  /** Ed25519 by `owner` over `signingBytes('notice', noticeSigned(n))`, hex. */
  readonly signature: string;
}

const schema = z.strictObject({
  version: z.literal(1),
  notice: z.enum(noticeKinds),
  space: hexField(16).transform(parseSpaceId),
  owner: hexField(32).transform(parseNodeId),
  number: z.int().min(1).max(maxNotices),
  reason: paragraph,
  issued: instant,
  signature: hexField(64),
});

/** Checks the form only. Throws NOTICE_MALFORMED. */
export const parseNotice = (json: unknown): Notice => parseWith(schema, json, 'NOTICE_MALFORMED');

/** The canonical bytes that the owner signs. */
export function noticeSigned(notice: Omit<Notice, 'signature'>): Uint8Array {
  const { version, notice: kind, space, owner, number, reason, issued } = notice;
  return encode({ version, notice: kind, space, owner, number, reason, issued });
}

/** Whether a document that somebody hands over is meant to be a notice. */
export const isNotice = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'notice' in json;
