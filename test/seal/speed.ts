/** Prints what sealing costs on this machine: `npm exec node test/seal/speed.ts`. A figure, never a test. */
import { parseIncarnation, parseNodeId, parseSpaceId } from '#agent/core/ids.ts';
import { EpochKeys } from '#agent/seal/epoch.ts';
import { epochSecret } from '#agent/seal/key-types.ts';

const chunkBytes = 64 * 1024;
const rounds = 2000;
const origin = { node: parseNodeId('11'.repeat(32)), incarnation: parseIncarnation('22'.repeat(8)) };
const keys = new EpochKeys({
  space: parseSpaceId('00'.repeat(16)),
  origin,
  epoch: 1,
  labelClass: 'INTERNAL',
  suite: 'nacl-pq',
  secret: epochSecret(new Uint8Array(32).fill(1)),
});

/** Seconds for one call, the best of five runs. */
function cost(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < 6; repeat++) {
    const start = performance.now();
    for (let i = 0; i < rounds; i++) run();
    if (repeat > 0) best = Math.min(best, (performance.now() - start) / 1000 / rounds);
  }
  return best;
}

const plain = new Uint8Array(chunkBytes).fill(7);
const { id, sealed } = keys.seal(plain);
const record = new Uint8Array(300).fill(7);
const sealedRecord = keys.sealRecord(record);
const megabytes = (run: () => unknown) => `${Math.round(chunkBytes / 1e6 / cost(run))} MB/s`;
const each = (run: () => unknown) => `${Math.round(1 / cost(run))} /s`;

console.table({
  'id of 64 KiB': megabytes(() => keys.idOf(plain)),
  'seal 64 KiB, name checked': megabytes(() => keys.sealChunk(id, plain)),
  'open 64 KiB': megabytes(() => keys.openChunk(id, sealed)),
  'seal a record of 300 B': each(() => keys.sealRecord(record)),
  'open a record of 300 B': each(() => keys.openRecord(sealedRecord)),
});
