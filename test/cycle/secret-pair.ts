/** Two nodes with a folder each in a space that may carry state secrets. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agreement } from '#agent/core/agreement.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { makeParties } from '#test/trust/parties.ts';
import { secretRules, type TestDevice } from './secret-space.ts';
import { SpaceNode } from './space-node.ts';

let made: Promise<readonly [Identity, Identity]> | undefined;

/** The same two within one test file. */
export const twoParties = (): Promise<readonly [Identity, Identity]> => {
  made ??= makeParties('H29.12', 'H29.13');
  return made;
};

export interface Side {
  readonly device?: TestDevice | undefined;
  readonly labels?: readonly LabelRule[];
}

export class Pair implements AsyncDisposable {
  readonly a: SpaceNode;
  readonly b: SpaceNode;
  readonly #owned: AsyncDisposableStack;

  private constructor(a: SpaceNode, b: SpaceNode, owned: AsyncDisposableStack) {
    this.a = a;
    this.b = b;
    this.#owned = owned;
  }

  static async open(agreement: Agreement, a: Side, b: Side): Promise<Pair> {
    const parties = await twoParties();
    const owned = new AsyncDisposableStack();
    const dir = owned.use(await temporaryDir());
    const nodes: SpaceNode[] = [];
    for (const [i, { device, labels = secretRules }] of [a, b].entries()) {
      const sources = () => nodes.filter((_, j) => j !== i);
      const me = parties[i === 0 ? 0 : 1];
      const common = { me, agreement, dir: join(dir.path, String(i)), secrets: new MemorySecrets() };
      const cipher = device ? { cipher: device.slot } : {};
      nodes.push(owned.use(await SpaceNode.open({ ...common, labels, sources, ...cipher })));
    }
    const [one, two] = nodes;
    if (!one || !two) throw new Error('two nodes');
    return new Pair(one, two, owned);
  }

  /** A MẬT item, an item that is none, and what they are alone in. */
  async write(text = 'kế hoạch'): Promise<void> {
    await mkdir(this.a.at('mat'), { recursive: true });
    await writeFile(this.a.at('mat/kế hoạch.txt'), text);
    await writeFile(this.a.at('thường.txt'), 'thường');
  }

  async carry(): Promise<void> {
    await this.a.settle();
    await this.a.bring(this.b);
    await this.b.settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }
}

export const secret = 'mat/kế hoạch.txt';
export const textAt = async (node: SpaceNode, path: string): Promise<string> =>
  readFile(node.at(path), 'utf8').catch(() => 'none');

export async function recordsOf({ own }: SpaceNode) {
  const records = [];
  for await (const segment of own.state.segments(own.origin, 1))
    for (const body of segment.bodies) if (body) records.push(decodeRecord(body));
  return records;
}
