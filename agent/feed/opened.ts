/**
 * What was opened under each tag of another's feed: the way from a record that stays closed to the item that it is of.
 * Tags tell nothing to anybody else, and this never leaves the node.
 */
import { decode, encode } from '#agent/core/codec.ts';
import { Tuple } from './tuple.ts';

export interface Opened {
  readonly path: string;
  /** What came under the tag, noted by a version that had no history of paths (`history.ts`). At most `maxOpened`. */
  readonly contents: readonly { readonly seq: number; readonly name: string }[];
}

/** Earlier contents that may still rest in the trash. */
export const maxOpened = 512;

export const encodeOpened = ({ path, contents }: Opened): Uint8Array =>
  encode([path, contents.slice(-maxOpened).flatMap(({ seq, name }) => [seq, name])]);

export function decodeOpened(bytes: Uint8Array): Opened {
  const t = new Tuple('opened', decode(bytes), 2);
  const path = t.text();
  const list = new Tuple('contents', t.next());
  const contents: { seq: number; name: string }[] = [];
  while (list.more()) contents.push({ seq: list.int(), name: list.text() });
  return { path, contents };
}
