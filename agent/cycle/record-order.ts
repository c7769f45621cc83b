/**
 * The order of the records of a segment. As files are found it would be that of their names, and who knows a tree could
 * lay the sizes that it sees along it. Tags tell nothing, so a segment with cells in it goes by them. Others keep the order
 * in which readers will ask, which the disk of a relay gives out faster.
 */
import type { Tag } from '#agent/core/ids.ts';
import type { SealForm } from '#agent/core/seal-form.ts';

interface Ordered {
  readonly tag: Tag;
  readonly form: SealForm;
  /** Undefined for a grant: it comes before what is sealed under its epoch. */
  readonly change: unknown;
}

/** Grants first, then the rest by tag. Records of one item stay in their order. */
export function hideOrder<T extends Ordered>(records: T[]): T[] {
  if (!records.some(({ form }) => form === 'cells')) return records;
  const grants = records.filter(({ change }) => change === undefined);
  const items = records.filter(({ change }) => change !== undefined);
  return [...grants, ...items.toSorted((a, b) => (a.tag < b.tag ? -1 : Number(a.tag > b.tag)))];
}
