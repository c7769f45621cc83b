/** A fault of our own that one publisher's data leads to: it is that item's problem, and the others go on. */
import { describe, expect, it } from 'vitest';
import { LocalChunks } from '#agent/apply/local-chunks.ts';
import { cellData } from '#agent/core/cells.ts';
import { encodeChange } from '#agent/core/change-codec.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { ChunkId, Origin } from '#agent/core/ids.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import { EpochKeys } from '#agent/seal/epoch.ts';
import { epochSecret } from '#agent/seal/key-types.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { overlaid } from '#test/sys/overlaid.ts';
import { Author, at2026, keysOf, labelClass, sha256, space } from './author.ts';
import { noise } from './bytes.ts';
import { Reader } from './reader.ts';

/** Keys that break on one piece, as an assertion of ours would. */
function breakingOn(id: ChunkId, fault: Error) {
  return (origin: Origin, epoch: number): EpochKeys => {
    const keys = keysOf(origin, epoch);
    const open = keys.openChunk.bind(keys);
    keys.openChunk = (of, sealed) => {
      if (of === id) throw fault;
      return open(of, sealed);
    };
    return keys;
  };
}

const faults = [new DongboError('INVARIANT', { what: 'cell length' }), new TypeError('x is undefined')];

describe.each(faults)('%s', (fault) => {
  it('of one small file among many is its own problem', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const before = ['f1', 'f2', 'f3'].map((name) => a.file(name, name));
    const known = new Set(a.chunks.keys());
    const bad = a.file('bad', 'bad');
    const id = [...a.chunks.keys()].find((each) => !known.has(each));
    if (!id) throw new Error('the bad file has a piece');
    const after = ['g1', 'g2', 'sub/h'].map((name) => a.file(name, name));
    await b.take(a, a.segment(a.dir('sub'), ...before, bad, ...after));
    b.keysOf = breakingOn(id, fault);
    await b.apply();
    expect(Object.keys(await b.tree()).sort()).toEqual(['f1', 'f2', 'f3', 'g1', 'g2', 'sub', 'sub/h']);
    expect(await b.problems()).toEqual({ bad: 'OWN_FAULT' });
    b.keysOf = keysOf;
    await b.apply();
    expect([(await b.tree()).bad, await b.problems()]).toEqual(['bad', {}]);
  });

  it('of one large file is its own problem', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const bad = a.file('bad', noise(3_000_000));
    const [id] = a.chunks.keys();
    if (!id) throw new Error('the bad file has pieces');
    await b.take(a, a.segment(bad, a.file('good', 'good')));
    b.keysOf = breakingOn(id, fault);
    await b.apply();
    expect([await b.tree(), await b.problems()]).toEqual([{ good: 'good' }, { bad: 'OWN_FAULT' }]);
  });

  it.each(['openWrite', 'renameNew', 'lstat'] as const)(
    'in %s of one item is its own problem',
    async (call) => {
      const disk = overlaid({
        [call]: (...args: unknown[]) => {
          if (args.some((arg) => String(arg).endsWith('/bad') || String(arg).includes(stageOfBad)))
            throw fault;
          return (nodeDisk[call] as (...all: unknown[]) => unknown).apply(nodeDisk, args);
        },
      });
      await using b = await Reader.open({ disk });
      const a = new Author(1);
      const bad = a.file('bad', 'bad');
      const stageOfBad = call === 'openWrite' ? sha256(Buffer.from('bad')).slice(0, 24) : '/bad';
      await b.take(a, a.segment(a.file('f', 'f'), bad, a.file('g', 'g')));
      await b.apply();
      expect([await b.tree(), await b.problems()]).toEqual([{ f: 'f', g: 'g' }, { bad: 'OWN_FAULT' }]);
    },
  );

  it('of one record is the problem of its place in the feed', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const bad = encodeChange(a.file('bad', 'bad'));
    b.keysOf = (origin, epoch) => {
      const keys = keysOf(origin, epoch);
      const open = keys.openRecord.bind(keys);
      keys.openRecord = (sealed) => {
        const plain = open(sealed);
        if (plain && Buffer.compare(plain, bad) === 0) throw fault;
        return plain;
      };
      return keys;
    };
    const taken = await b.take(
      a,
      a.segmentOf([encodeChange(a.file('f', 'f')), bad, encodeChange(a.file('g', 'g'))]),
    );
    expect(taken.problems).toMatchObject([{ code: 'OWN_FAULT', path: `/feed:${a.origin.node}/2` }]);
    await b.apply();
    expect(await b.tree()).toEqual({ f: 'f', g: 'g' });
  });
});

describe('a list that is named by the id of a longer piece of another epoch', () => {
  const form = { 1: 'steps', 2: 'cells' } as const;
  const keysIn = ({ node, incarnation }: Origin, epoch: number) =>
    new EpochKeys({
      space,
      origin: { node, incarnation },
      epoch,
      labelClass,
      suite: 'nacl-pq',
      form: form[epoch === 2 ? 2 : 1],
      secret: epochSecret(new Uint8Array(32).fill(epoch)),
    });

  it('is no piece of this epoch: told, and nothing ends', async () => {
    await using b = await Reader.open();
    b.keysOf = keysIn;
    const a = new Author(1);
    const record = (epoch: number, plain: Uint8Array) =>
      encodeRecord({ type: 'item', epoch, labelClass, sealed: keysIn(a.origin, epoch).sealRecord(plain) });
    const plain = new Uint8Array(100 * 1024).fill(65);
    const { id, sealed } = keysIn(a.origin, 1).seal(plain);
    a.chunks.set(id, sealed);
    const first = { ...a.file('a.bin', plain), content: { levels: 0, refs: [{ id, length: plain.length }] } };
    await b.take(a, a.segmentOfBodies([record(1, encodeChange(first))]));
    await b.apply();
    const size = 9 * cellData;
    const state = {
      kind: 'file',
      mode: 0o644,
      mtimeNs: at2026,
      size,
      sha256: sha256(new Uint8Array(size)),
    } as const;
    const content = { levels: 1, refs: [{ id, length: 9 * 36 }] };
    const second = { ...a.file('b.bin', 'x'), state, content };
    await b.take(a, a.segmentOfBodies([record(2, encodeChange(second))]));
    await b.apply();
    expect(Object.keys(await b.tree())).toEqual(['a.bin']);
    const local = new LocalChunks({
      root: b.root,
      disk: nodeDisk,
      state: b.state,
      keysFor: async (o, e) => keysIn(o, e),
    });
    expect(await local.sealed(a.origin, 2, id)).toBeUndefined();
  });
});
