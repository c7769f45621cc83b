/** Paths of items: relative, `/` between components, valid Unicode. A path from a feed is hostile until checked. */

/** Our own folder in every root; nothing of it ever travels. */
export const privateFolder = '.dongbo';

export const maxPathBytes = 4096;
export const maxComponentBytes = 255;

const utf8Length = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Undefined when `path` may name an item; else the rule that it breaks. */
export function checkPath(path: string): string | undefined {
  if (path === '') return 'empty';
  if (!path.isWellFormed()) return 'lone surrogate';
  if (path.includes('\0')) return 'NUL';
  if (path.startsWith('/')) return 'absolute';
  if (utf8Length(path) > maxPathBytes) return `more than ${maxPathBytes} bytes`;
  const components = path.split('/');
  for (const component of components) {
    if (component === '') return 'empty component';
    if (component === '.' || component === '..') return `component ${component}`;
    if (utf8Length(component) > maxComponentBytes) return `component of more than ${maxComponentBytes} bytes`;
  }
  // Folded, because on a target that folds case `.DONGBO` would land in our own folder.
  return foldKey(components[0] ?? '') === privateFolder ? 'reserved folder' : undefined;
}

/** The directory that holds `path`; '' is the root. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** The last component. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `dir` may be '' for the root. */
export const joinPath = (dir: string, name: string): string => (dir === '' ? name : `${dir}/${name}`);

/**
 * Two names with one key may be one name on a target that folds case or normalises. By way of upper case, so that letters
 * with several lower-case forms (ß and ss, σ and ς) meet, and lower case before it, for ẞ is its own upper case. Finds
 * rather too many clashes than too few.
 */
export const foldKey = (name: string): string =>
  name.normalize('NFC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
