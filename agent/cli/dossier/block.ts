/** The parts of the document, as each format prints them. All texts are plain: the format escapes them. */
export type Block =
  | { readonly is: 'heading'; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly is: 'text'; readonly text: string }
  /** What a person must look at. */
  | { readonly is: 'notes'; readonly texts: readonly string[] }
  | { readonly is: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly is: 'diagram'; readonly text: string };

export const heading = (level: 1 | 2 | 3, text: string): Block => ({ is: 'heading', level, text });
export const paragraph = (text: string): Block => ({ is: 'text', text });
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): Block => ({
  is: 'table',
  head,
  rows,
});

/** Nothing at all when there is nothing to say. */
export const notes = (texts: readonly string[]): Block[] =>
  texts.length > 0 ? [{ is: 'notes', texts }] : [];

/** A table, or a line when it would be empty. */
export const tableOr = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  none: string,
): Block => (rows.length > 0 ? table(head, rows) : paragraph(none));
