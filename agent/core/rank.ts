/** Which of several published records of one path is in force: the same answer on every node. */
import { actorOf } from './actor.ts';
import type { ItemState, RemoteRecord } from './item.ts';
import type { Version } from './version.ts';

/**
 * An edit beats a delete. A directory beats a file or link of its name, so that what was put into it keeps its
 * place; the file lives on as a conflict copy.
 */
function kindRank(state: ItemState): number {
  if (state.kind === 'gone') return 0;
  return state.kind === 'dir' ? 2 : 1;
}

const sumOf = (v: Version): number => v.reduce((sum, [, n]) => sum + n, 0);

/**
 * Whether `a` is in force rather than `b`; both must be unreplaced. Kind first, then the higher sum of counters, then
 * the higher actor. A total order over records of different authors; time stamps have no say.
 */
export function beats(a: RemoteRecord, b: RemoteRecord): boolean {
  const byKind = kindRank(a.state) - kindRank(b.state);
  if (byKind !== 0) return byKind > 0;
  const bySum = sumOf(a.version) - sumOf(b.version);
  return bySum !== 0 ? bySum > 0 : actorOf(a.author) > actorOf(b.author);
}
