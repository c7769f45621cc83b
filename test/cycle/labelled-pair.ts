/** Two members of one space: A publishes up to RESTRICTED, C may read up to INTERNAL. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { draft, makeParties } from '#test/trust/parties.ts';
import { SpaceNode } from './space-node.ts';

export const everything: readonly LabelRule[] = [{ path: '**', sensitivity: 'INTERNAL' }];

export async function labelledPair(cleanup: AsyncDisposable[], labels: readonly LabelRule[] = everything) {
  const [a, c] = await makeParties('H29.12', 'H29.14');
  const members = [
    [a, 'publish', 'subscribe'],
    [c, 'subscribe'],
  ] as const;
  const plain = draft(members, {
    label: { sensitivity: 'RESTRICTED', secrecy: 'NONE', personalData: 'SENSITIVE' },
  });
  const levels = ['RESTRICTED+PD:SENSITIVE', 'INTERNAL'];
  const cleared = plain.members.map((m, i) => ({ ...m, highestLabel: levels[i] ?? '' }));
  const agreement = await signAgreement({ ...plain, members: cleared }, a);
  const secrets = new MemorySecrets();
  const dirs = [await temporaryDir(), await temporaryDir()];
  cleanup.push(...dirs);
  const open = async (me: typeof a, at: number, more: object) => {
    const node = await SpaceNode.open({ me, agreement, dir: dirs[at]?.path ?? '', ...more });
    cleanup.push(node);
    return node;
  };
  const at = { a: await open(a, 0, { labels, secrets }) };
  const reader = await open(c, 1, { sources: () => [at.a] });
  return {
    get a() {
      return at.a;
    },
    c: reader,
    /** The author as a new process, with other rules. */
    async restart(others: readonly LabelRule[]) {
      await at.a[Symbol.asyncDispose]();
      cleanup.splice(cleanup.indexOf(at.a), 1);
      at.a = await open(a, 0, { labels: others, secrets });
    },
    async put(path: string, text = path) {
      await mkdir(dirname(at.a.at(path)), { recursive: true });
      await writeFile(at.a.at(path), text);
    },
    async sync() {
      await at.a.settle();
      await at.a.bring(reader);
      await reader.settle();
    },
    /** Under which class an item stands in A's feed. */
    async classOf(path: string) {
      const { remote } = (await at.a.own.state.row(path)) ?? {};
      if (!remote) return undefined;
      return (await at.a.keyring.keysFor(at.a.own.space, remote.author, remote.epoch))?.labelClass;
    },
  };
}

/** What lies in the folder of a node. */
export const tree = async (node: SpaceNode): Promise<string[]> =>
  (await readdir(node.root, { recursive: true })).filter((path) => !path.startsWith('.dongbo')).sort();
