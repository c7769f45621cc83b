/** The local tree of an index, in memory, brought up to date by the observations of scans. */
import { parseDigest } from '#agent/core/ids.ts';
import type { ItemState, Row } from '#agent/core/item.ts';
import { nameOf, parentOf } from '#agent/core/path.ts';
import { byteOrder } from '#agent/store/byte-order.ts';
import type { Observation, ScanIndex } from '#agent/store/scan.ts';
import type { Found } from '#agent/store/store.ts';

const noDigest = parseDigest('0'.repeat(64));

export function stateOf(found: Found): ItemState {
  const { facts } = found;
  if (found.kind === 'dir') return { kind: 'dir', mode: facts.mode & 0o777 };
  if (found.kind === 'link') return { kind: 'link', target: found.target ?? '', mtimeNs: facts.mtimeNs };
  return { kind: 'file', mode: facts.mode, mtimeNs: facts.mtimeNs, size: facts.size, sha256: noDigest };
}

export class MemoryIndex implements ScanIndex {
  readonly rows = new Map<string, Row>();

  async row(path: string): Promise<Row | undefined> {
    return this.rows.get(path);
  }

  async *children(dir: string): AsyncGenerator<readonly [string, Row]> {
    const paths = [...this.rows.keys()].filter((path) => parentOf(path) === dir);
    for (const path of paths.sort(byteOrder)) yield [nameOf(path), this.rows.get(path) ?? {}];
  }

  take(seen: Observation): void {
    if (seen.type === 'changed') {
      const { path, facts } = seen.found;
      this.rows.set(path, { local: { state: stateOf(seen.found), facts } });
    }
    if (seen.type === 'gone') this.rows.set(seen.path, { local: { state: { kind: 'gone' } } });
  }

  /** Path → kind and what a reader would see of it, for what is believed to be on disk. */
  view(): Record<string, string> {
    const shown = [...this.rows].flatMap(([path, { local }]) =>
      local && local.state.kind !== 'gone' ? [[path, viewOf(local.state)] as const] : [],
    );
    return Object.fromEntries(shown.sort(([a], [b]) => byteOrder(a, b)));
  }
}

export function viewOf(state: ItemState): string {
  if (state.kind === 'file') return `file ${state.size} ${(state.mode & 0o777).toString(8)} ${state.mtimeNs}`;
  if (state.kind === 'dir') return `dir ${state.mode.toString(8)}`;
  return state.kind === 'link' ? `link ${state.target}` : 'gone';
}
