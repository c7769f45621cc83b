/**
 * Heads, receipts and headers as they rest in the database. Versions that took numbers of any size may have kept some
 * that nobody takes any more (`core/bounds.ts`): such a head or receipt counts as not there, since no peer would take
 * it, and the author's next word comes in its place. A segment stays, whatever it says of its time.
 */
import { maxTimeMs } from '#agent/core/bounds.ts';
import { isCode } from '#agent/core/errors.ts';
import type { Head, Receipt, SegmentHeader } from '#agent/core/segment.ts';
import { decodeHead, decodeHeader, decodeReceipt } from '#agent/core/segment-codec.ts';

export const headKept = (bytes: Uint8Array): Head | undefined => within(() => decodeHead(bytes));
export const receiptKept = (bytes: Uint8Array): Receipt | undefined => within(() => decodeReceipt(bytes));

export function headerKept(bytes: Uint8Array): SegmentHeader {
  const header = decodeHeader(bytes, Number.MAX_SAFE_INTEGER);
  return { ...header, time: Math.min(header.time, maxTimeMs) };
}

function within<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (!isCode(error, 'CODEC_MALFORMED')) throw error;
    return undefined;
  }
}
