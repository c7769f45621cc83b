/** The sharings of a period as CSV or JSON lines (R14): one row each, every column filled. */
import { csvRow } from '#agent/audit/csv.ts';
import type { AuditRecord } from '#agent/audit/record.ts';

/** The kinds of records that are a sharing. */
const sharings = new Set(['supplied', 'received', 'receipt', 'content']);

export const columns = [
  'asked',
  'form',
  'requesterAgency',
  'requester',
  'supplierAgency',
  'supplier',
  'space',
  'agreement',
  'label',
  'reference',
  'records',
  'bytes',
  'result',
] as const;

/** Whether it belongs to the export; of one agency alone, as requester or supplier, when that is given. */
export function isSharing({ type, fields }: AuditRecord, agency: string | undefined): boolean {
  if (!sharings.has(type)) return false;
  return agency === undefined || fields.requesterAgency === agency || fields.supplierAgency === agency;
}

export const csvHeader = csvRow(['seq', 'time', 'type', ...columns, 'hash']);

export const csvLine = ({ seq, time, type, fields, hash }: AuditRecord): string =>
  csvRow([seq, time, type, ...columns.map((name) => fields[name]), hash]);
