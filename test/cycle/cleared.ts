/** Three members of one space: A publishes up to RESTRICTED, B may read that, C only up to INTERNAL. */
import type { Agreement } from '#agent/core/agreement.ts';
import type { NodeId } from '#agent/core/ids.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { draft, makeParties } from '#test/trust/parties.ts';
import { Relay } from './relay.ts';
import { SpaceNode, type SpaceNodeOptions } from './space-node.ts';

export interface Three {
  readonly a: SpaceNode;
  readonly b: SpaceNode;
  readonly c: SpaceNode;
  readonly author: NodeId;
  /** `from` publishes, and its readers take it all. */
  readonly sync: (from: SpaceNode) => Promise<void>;
  /** The author with other rules: a new process. */
  readonly raise: (labels: readonly LabelRule[]) => Promise<SpaceNode>;
  /** A reader as a new process. */
  readonly reopened: (node: SpaceNode) => Promise<SpaceNode>;
  readonly relay: () => Promise<Relay>;
}

/** The fourth party is a relay. */
async function agreeCleared(publishers: boolean): Promise<{ parties: Identity[]; agreement: Agreement }> {
  const parties = await makeParties('H29.12', 'H29.13', 'H29.14', 'H29');
  const [a, b, c, relay] = parties;
  const role = publishers ? (['publish', 'subscribe'] as const) : (['subscribe'] as const);
  const readers = [[b, ...role] as const, [c, ...role] as const] as const;
  const members = [[a, 'publish', 'subscribe'] as const, ...readers, [relay, 'relay'] as const] as const;
  const plain = draft(members, {
    label: { sensitivity: 'RESTRICTED', secrecy: 'NONE', personalData: 'NONE' },
  });
  const levels = ['RESTRICTED', 'RESTRICTED', 'INTERNAL'];
  const cleared = plain.members.map((m, i) => ({ ...m, highestLabel: levels[i] ?? m.highestLabel }));
  return { parties: [...parties], agreement: await signAgreement({ ...plain, members: cleared }, a) };
}

export async function cleared(
  cleanup: AsyncDisposable[],
  labels: readonly LabelRule[],
  { publishers = false } = {},
): Promise<Three> {
  const { parties, agreement } = await agreeCleared(publishers);
  const kept = new Map<SpaceNode, SpaceNodeOptions>();
  const open = async (options: SpaceNodeOptions) => {
    const node = await SpaceNode.open(options);
    cleanup.push(node);
    kept.set(node, options);
    return node;
  };
  let author: SpaceNode | undefined;
  const nodes: SpaceNode[] = [];
  for (const me of parties.slice(0, 3)) {
    const dir = await temporaryDir();
    cleanup.push(dir);
    const sources = () => [...(author ? [author] : []), ...nodes];
    const rules = publishers || nodes.length === 0 ? { labels } : {};
    nodes.push(await open({ me, agreement, dir: dir.path, secrets: new MemorySecrets(), sources, ...rules }));
    author ??= nodes[0];
  }
  const [a, b, c] = nodes as [SpaceNode, SpaceNode, SpaceNode];
  const again = async (node: SpaceNode, more: Partial<SpaceNodeOptions>) => {
    const options = kept.get(node);
    if (!options) throw new Error('not one of ours');
    await node[Symbol.asyncDispose]();
    return open({ ...options, ...more });
  };
  const raise = async (others: readonly LabelRule[]) => {
    author = await again(author ?? a, { labels: others });
    return author;
  };
  const sync = async (from: SpaceNode) => {
    await from.settle();
    for (const reader of [b, c]) {
      await from.bring(reader);
      await reader.settle();
    }
  };
  const reopened = (node: SpaceNode) => again(node, {});
  const relay = () => Relay.open(parties[3] as Identity, agreement, cleanup);
  return { a, b, c, author: a.own.origin.node, sync, raise, reopened, relay };
}
