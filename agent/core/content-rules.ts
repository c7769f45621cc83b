/**
 * What a content may be, so that the work it causes follows its declared size. Nothing that its author says is
 * believed: a member could repeat one chunk of a byte, or nest lists that hold nothing.
 */
import { refBytes } from './chunk-refs.ts';
import type { ChunkRef } from './item.ts';
import { minChunk } from './sealed-chunk.ts';

/** Refs of a list; only the last list of a level may have fewer. */
export const minRefs = 16;
export const maxRefs = 256;
/** Refs that a content holds itself. */
export const maxInlineRefs = 64;

/** What the form of an epoch asks of a content. Each rule gives what is broken, in words, or undefined. */
export interface ContentRules {
  /** Refs that a content holds itself, at most. */
  readonly inline: number;
  /** `refs`: how many the content holds itself. */
  brokenLevels(levels: number, size: number, refs: number): string | undefined;
  /** `last`: nothing of its level comes after it. */
  brokenRef(ref: ChunkRef, level: number, last: boolean, size: number): string | undefined;
  /** Whether an author ends a list with the last of `waiting`, which is not empty. */
  endsList(waiting: readonly ChunkRef[]): boolean;
}

/** Lists begin where refs no longer fit inline, so a file with so many levels is larger than this many bytes. */
const leastBytes = (levels: number): number => maxInlineRefs * minRefs ** (levels - 1) * minChunk;

/** Undefined when a file of `size` bytes can need so many levels of lists. */
const brokenLevels = (levels: number, size: number): string | undefined =>
  levels > 0 && size <= leastBytes(levels) ? `no more levels than ${size} bytes need` : undefined;

/** Undefined when `ref` may stand at `level` (0: it names data). */
function brokenRef({ length }: ChunkRef, level: number, last: boolean): string | undefined {
  if (level === 0) return length < minChunk && !last ? `chunks of at least ${minChunk} bytes` : undefined;
  if (length % refBytes !== 0) return `list lengths that are a multiple of ${refBytes}`;
  if (length > maxRefs * refBytes) return `lists of at most ${maxRefs} refs`;
  return length < minRefs * refBytes && !last ? `lists of at least ${minRefs} refs` : undefined;
}

/** A list ends after a ref whose id begins with a number below this: one in 48, so lists have 64 refs at the mean. */
const endsBelow = Math.floor(2 ** 32 / 48);

function endsList(waiting: readonly ChunkRef[]): boolean {
  const last = waiting.at(-1);
  if (!last || waiting.length < minRefs) return false;
  return waiting.length === maxRefs || Number.parseInt(last.id.slice(0, 8), 16) < endsBelow;
}

/** Of content that is cut by content: where it is cut is its author's affair, within bounds. */
export const variableRules: ContentRules = { inline: maxInlineRefs, brokenLevels, brokenRef, endsList };

/** Of content that was checked by the rules of its form when it came: what is kept here names no form. */
export const checkedRules: ContentRules = {
  ...variableRules,
  brokenLevels: () => undefined,
  brokenRef: () => undefined,
};
