/**
 * A directory that was deleted, or replaced by a file, elsewhere, and that is not empty here. An edit beats a delete:
 * what this node put in keeps its place, and the directory is to be published again (as a directory it beats a file
 * of its name too, `core/rank.ts`). What others put in is theirs to bring back, so only one node speaks. Who may not
 * publish keeps what is only here, once nothing of others is left beside it.
 * But whoever took the directory away has deleted what it had put in before: if that stands, nobody will speak.
 */
import type { Row } from '#agent/core/item.ts';
import { joinPath } from '#agent/core/path.ts';
import { type Action, type Planner, planItem } from '#agent/core/plan.ts';
import type { ApplyState } from './ports.ts';
import { problem, type Setback, waiting } from './task.ts';

export type Survivors =
  /** Something here is this node's own: publish the directory again. */
  | { readonly outcome: 'revive' }
  /** All that is left is this node's own, and may not be published. */
  | { readonly outcome: 'unshared' }
  | Setback;

export async function judgeSurvivors(
  state: Pick<ApplyState, 'children' | 'row'>,
  dir: string,
  me: Planner,
  revived: ReadonlySet<string>,
): Promise<Survivors> {
  const speaker = (await state.row(dir))?.remote?.author.node;
  let others = false;
  let unshared = false;
  let contradicts = false;
  for await (const [name, row] of state.children(dir)) {
    const kind = row.local?.state.kind ?? 'gone';
    if (kind === 'gone') continue;
    if (revived.has(joinPath(dir, name))) return { outcome: 'revive' };
    const { do: action } = planItem(row, me);
    if (isUnshared(row, action)) unshared = true;
    else others = true;
    if (action === 'delete' || !me.publishes) continue;
    if (action === 'publish' || !row.agreed || row.agreed.author.node === me.node)
      return { outcome: 'revive' };
    contradicts ||= action === 'nothing' && row.agreed.author.node === speaker;
  }
  if (unshared && !others) return { outcome: 'unshared' };
  if (contradicts) return problem('TREE_CONTRADICTS');
  // What the index does not know of is excluded here, or has not been scanned yet.
  return others ? waiting : problem('DIR_NOT_EMPTY');
}

/** Only here: no record of others stands for it. */
const isUnshared = ({ agreed }: Row, action: Action['do']): boolean =>
  action === 'stay' && (agreed?.state.kind ?? 'gone') === 'gone';
