/** What may be destroyed on an author's word: what it alone ever brought, and nobody here has made. */
import { readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { actorOf } from '#agent/core/actor.ts';
import { encodeChange } from '#agent/core/change-codec.ts';
import { labelClass } from '#agent/core/label.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import { allUnder } from '#agent/feed/keys.ts';
import { makeGrants } from '#agent/seal/grant.ts';
import { EpochKeys } from '#agent/seal/epoch.ts';
import { epochSecret } from '#agent/seal/key-types.ts';
import { startMs } from '#test/trust/parties.ts';
import { cleared } from './cleared.ts';
import { SignedFeed } from './signed-feed.ts';
import type { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

const low: LabelRule[] = [{ path: '**', sensitivity: 'INTERNAL' }];
const high: LabelRule[] = [{ path: '**', sensitivity: 'RESTRICTED' }];
/** A raises to RESTRICTED, which B may read and C may not. All three publish. */
const three = () => cleared(cleanup, low, { publishers: true });
const name = 'tờ trình.txt';

async function pass(from: SpaceNode, ...to: SpaceNode[]): Promise<void> {
  await from.settle();
  for (const node of to) {
    await from.bring(node);
    await node.settle();
  }
}

/** As an antivirus or a backup does: the same bytes, another time. */
const touch = (node: SpaceNode, path = name) =>
  utimes(node.at(path), new Date(), new Date(startMs - 3_600_000));

/** Where in the folder of a node a text lies. */
async function placesOf(node: SpaceNode, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(node.root, { recursive: true, withFileTypes: true })) {
    const at = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(at, 'utf8')) === text) found.push(at.slice(node.root.length + 1));
  }
  return found.map((at) => at.replace(/(trash|withdrawn)\/[^/]+/, '$1/BIN')).sort();
}

const inAside = [`.dongbo/withdrawn/BIN/${name}`];
const aside = { [`.dongbo/withdrawn/${name}`]: 'WITHDRAWN_NOT_ALONE' };

describe('a copy whose label another raises above what this node is cleared for', () => {
  it('is set aside, whole and named, where this node wrote it and the other only touched it', async () => {
    const { a, c, author, raise } = await three();
    await writeFile(c.at(name), 'bản gốc của C');
    await pass(c, a);
    await touch(a);
    await pass(a, c);
    const raised = await raise(high);
    await pass(raised, c);
    expect(await placesOf(c, 'bản gốc của C')).toEqual(inAside);
    expect(await c.problems()).toEqual(aside);
    expect(await c.receiptFor(author)).toBe(await raised.published());
  });

  it('also after restarts of both, edits in between, and when what it wrote comes back', async () => {
    const t = await three();
    await writeFile(t.c.at(name), 'bản gốc của C');
    await pass(t.c, t.a);
    await writeFile(t.a.at(name), 'bản khác của A');
    await pass(t.a, t.c);
    const c = await t.reopened(t.c);
    await writeFile(t.a.at(name), 'bản gốc của C');
    await pass(t.a, c);
    const raised = await t.raise(high);
    await pass(raised, c);
    expect(await placesOf(c, 'bản gốc của C')).toEqual([`.dongbo/trash/BIN/${name}`, ...inAside]);
    expect(await placesOf(c, 'bản khác của A')).toEqual([]);
    expect(await c.problems()).toEqual(aside);
  });

  it('is set aside where a person here had the same before it came', async () => {
    const { a, c, raise } = await three();
    await writeFile(a.at(name), 'ai cũng có');
    await a.settle();
    await a.bring(c);
    await writeFile(c.at(name), 'ai cũng có');
    await c.settle();
    await pass(await raise(high), c);
    expect(await placesOf(c, 'ai cũng có')).toEqual(inAside);
  });

  it('is set aside where it came under another name and was renamed here', async () => {
    const { a, c, raise } = await three();
    await writeFile(a.at('cũ.txt'), 'đổi tên');
    await pass(a, c);
    await rename(c.at('cũ.txt'), c.at(name));
    await pass(c, a);
    await touch(a);
    await pass(a, c);
    await pass(await raise(high), c);
    expect(await placesOf(c, 'đổi tên')).toEqual(inAside);
  });

  it('that a third had brought is set aside, and goes once the third has withdrawn it too', async () => {
    const { a, b, c, raise } = await three();
    await writeFile(b.at(name), 'của B');
    await pass(b, a, c);
    await touch(a);
    await pass(a, b, c);
    const raised = await raise(high);
    await pass(raised, c);
    expect(await placesOf(c, 'của B')).toEqual(inAside);
    await pass(raised, b);
    await b.settle();
    await pass(b, c);
    expect([await placesOf(c, 'của B'), await placesOf(b, 'của B')]).toEqual([[], [name]]);
    await c.settle();
    expect(await c.problems()).toEqual({});
  });

  it('is destroyed where that author alone brought it, and what another brought stays in the trash', async () => {
    const { a, b, c, raise } = await three();
    await writeFile(b.at(name), 'của B');
    await pass(b, a, c);
    await writeFile(a.at(name), 'của A');
    await pass(a, b, c);
    await pass(await raise(high), c);
    expect(await placesOf(c, 'của A')).toEqual([]);
    expect(await placesOf(c, 'của B')).toEqual([`.dongbo/trash/BIN/${name}`]);
    expect(await c.problems()).toEqual({});
  });

  it('is set aside where an earlier version has not written down who brought it', async () => {
    const { a, b, c, raise } = await three();
    await writeFile(b.at(name), 'của B');
    await pass(b, a, c);
    await touch(a);
    await pass(a, c);
    const history = allUnder(Buffer.concat([Buffer.from('B'), Buffer.from(c.own.space, 'hex')]));
    for await (const [key] of c.state.db.entries(history)) await c.state.db.write([{ key }]);
    await pass(await raise(high), c);
    expect(await placesOf(c, 'của B')).toEqual(inAside);
  });
});

describe('a record under a label class that cannot be', () => {
  it.each(['whatever', 'CONFIDENTIAL', 'RESTRICTED+PD:SENSITIVE'])(
    'as %s is refused, and nothing is withdrawn for it',
    async (claimed) => {
      const { a, b, c } = await three();
      await writeFile(b.at(name), 'của B');
      await pass(b, c);
      const text = Buffer.from('của B');
      const { agreement } = { agreement: a.own.agreement() };
      const feed = new SignedFeed(a.identity, agreement);
      const secret = epochSecret(new Uint8Array(32).fill(7));
      const keys = new EpochKeys({
        ...{ space: c.own.space, origin: feed.origin, epoch: 1, form: 'steps', secret },
        labelClass: labelClass({ sensitivity: 'INTERNAL', secrecy: 'NONE', personalData: 'NONE' }),
        suite: agreement.suite,
      });
      const local = (await c.own.state.row(name))?.local?.state;
      if (local?.kind !== 'file') throw new Error('nothing came');
      const version = [[actorOf(b.own.origin), 1] as const, [actorOf(feed.origin), 1] as const];
      const { id } = keys.seal(text);
      const change = {
        path: name,
        state: local,
        version: version.toSorted(([x], [y]) => (x < y ? -1 : 1)),
        content: { levels: 0, refs: [{ id, length: text.length }] },
      };
      const sealed = keys.sealRecord(encodeChange(change));
      const same = encodeRecord({ type: 'item', epoch: 1, labelClass: keys.labelClass, sealed });
      const grant = encodeRecord(await makeGrants(agreement, keys, startMs));
      const raised = encodeRecord({
        type: 'item',
        epoch: 9,
        labelClass: claimed,
        sealed: new Uint8Array(600),
      });
      for (const [bodies, tags] of [
        [
          [grant, same],
          ['fe', 'aa'],
        ],
        [[raised], ['aa']],
      ] as const) {
        const { segment, head } = feed.next(bodies, tags);
        await c.own.acceptor.accept(a.own.origin.node, [segment], head);
        await c.settle();
      }
      expect((await c.own.state.row(name))?.remote?.author).toEqual(feed.origin);
      expect(await placesOf(c, 'của B')).toEqual([name]);
      expect(Object.values(await c.problems())).toEqual(['RECORD_LABEL_REFUSED']);
    },
  );
});
