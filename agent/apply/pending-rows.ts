/** The want-list with its rows. */
import type { Row } from '#agent/core/item.ts';
import type { ApplyState } from './ports.ts';

const pendingPage = 128;

/** Read by the page, so that the index is not asked once for each. */
export async function* pendingRows(state: ApplyState): AsyncGenerator<readonly [path: string, row: Row]> {
  let paths: string[] = [];
  for await (const path of state.pending()) {
    paths.push(path);
    if (paths.length < pendingPage) continue;
    yield* withRows(state, paths);
    paths = [];
  }
  yield* withRows(state, paths);
}

async function* withRows(
  state: ApplyState,
  paths: readonly string[],
): AsyncGenerator<readonly [path: string, row: Row]> {
  const rows = await state.rows(paths);
  for (const [i, path] of paths.entries()) yield [path, rows[i] ?? {}];
}
