/** One cell of CSV (RFC 4180) that no spreadsheet takes for a formula. */

const formula = /^[\s\p{C}]*[=+\-@|%]/u;

export function csvCell(value: string | number | boolean | undefined): string {
  const text = String(value ?? '');
  const safe = typeof value === 'number' || !formula.test(text) ? text : `'${text}`;
  return `"${safe.replaceAll('"', '""')}"`;
}

export const csvRow = (cells: readonly (string | number | boolean | undefined)[]): string =>
  cells.map(csvCell).join(',');
