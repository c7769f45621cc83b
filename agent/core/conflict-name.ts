/** The name under which a losing edit lives on beside the winner. */
import { joinPath, maxComponentBytes, nameOf, parentOf } from './path.ts';

/** A longer "extension" is part of the name. */
const maxExtension = 16;

/**
 * `<stem> (xung đột <agency> <yyyy-mm-dd hh-mm-ss>)<ext>` in the folder of `path`, time in UTC; a counter follows the
 * time while `taken` says so. The stem is cut, never within a character, when the name would pass 255 bytes.
 */
export function conflictName(
  path: string,
  agency: string,
  time: Date,
  taken: (path: string) => boolean,
): string {
  const [stem, extension] = splitName(nameOf(path));
  const when = time.toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '-');
  for (let n = 1; ; n++) {
    const tail = ` (xung đột ${agency} ${when}${n === 1 ? '' : ` ${n}`})${extension}`;
    const room = maxComponentBytes - Buffer.byteLength(tail);
    const candidate = joinPath(parentOf(path), cutTo(stem, room) + tail);
    if (!taken(candidate)) return candidate;
  }
}

const conflictTail = / \(xung đột [.0-9A-Z]+ \d{4}-\d\d-\d\d \d\d-\d\d-\d\d(?: \d+)?\)(?=\.[^.]*$|$)/;

/** The path that a conflict copy was made beside, as far as its name tells; undefined for any other name. */
export function originalOf(path: string): string | undefined {
  const name = nameOf(path);
  return conflictTail.test(name) ? joinPath(parentOf(path), name.replace(conflictTail, '')) : undefined;
}

/** At the last dot, but a leading dot begins a name and not an extension. */
function splitName(name: string): readonly [string, string] {
  const dot = name.lastIndexOf('.');
  const isExtension = dot > 0 && Buffer.byteLength(name.slice(dot)) <= maxExtension;
  return isExtension ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
}

/** The longest start of `text` of at most `bytes` UTF-8 bytes, whole characters with their marks. */
function cutTo(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter('vi').segment(text)) {
    used += Buffer.byteLength(segment);
    if (used > bytes) return kept;
    kept += segment;
  }
  return kept;
}
