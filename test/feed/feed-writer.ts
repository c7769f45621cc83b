/**
 * Writes on and on until it is killed, and says what it has been promised: `state DIR` prints the number of each
 * committed step, `vault DIR` the number of each chunk that was put. A step is a segment, its row, a mark and a cursor.
 */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { parseDigest } from '#agent/core/ids.ts';
import { encodeHeader } from '#agent/core/segment-codec.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import { State } from '#agent/feed/state.ts';
import { Vault } from '#agent/feed/vault.ts';
import { agreement, chunkId, fileRow, node, origin, sealedOf, space, tagOf } from './fixtures.ts';

const [, , what, dir = ''] = process.argv;

async function step(index: SpaceState, n: number): Promise<void> {
  const body = Buffer.from(`record ${n}`);
  const header = {
    space,
    origin,
    first: n,
    prev: (await index.position(origin))?.digest,
    agreement,
    time: n,
    entries: [{ tag: tagOf(`tag ${n % 7}`), hash: parseDigest(hash('sha256', body, 'hex')) }],
  };
  const headerBytes = encodeHeader(header);
  const signature = new Uint8Array(64);
  const digest = parseDigest(hash('sha256', headerBytes, 'hex'));
  const batch = index.batch();
  await batch.append(
    { header, headerBytes, signature, bodies: [body] },
    { ...header, seq: n, digest, signature },
  );
  for (let part = 0; part < 20; part++) batch.putRow(`${n}/${part}`, fileRow(`${n}`, n));
  batch.markPending(`${n}`);
  batch.setCursor('steps', n);
  await batch.commit();
}

async function writeState(): Promise<void> {
  const state = await State.open(dir, { node });
  const index = state.space(space);
  for (let n = (await index.cursor('steps')) + 1; ; n++) {
    await step(index, n);
    process.stdout.write(`${n}\n`);
  }
}

/** Four at a time, so that puts are grouped. */
async function writeVault(): Promise<void> {
  const state = await State.open(dir, { node });
  const vault = await Vault.open(join(dir, 'vault'), state);
  // Far beyond what the life before may have used.
  let next = Number((await state.getMeta('next')) ?? 1) + 1000;
  const lane = async () => {
    for (;;) {
      const n = next++;
      await vault.put(space, node, [{ id: chunkId(`${n}`), sealed: sealedOf(n) }]);
      if (n % 10 === 0) await vault.drop(space, [chunkId(`${n - 5}`)]);
      if (n % 100 === 0) await state.putMeta('next', `${n}`);
      process.stdout.write(`${n}\n`);
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
}

if (what === 'state') await writeState();
if (what === 'vault') await writeVault();
