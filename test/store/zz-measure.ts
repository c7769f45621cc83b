import { FolderStore } from '#agent/store/folder.ts';
import { scanTree } from '#agent/store/scan.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { node, space } from './folder-under-test.ts';
import { MemoryIndex } from './memory-index.ts';

const gc = (globalThis as unknown as { gc: () => void }).gc;
const store = await FolderStore.open({
  root: process.argv[2]!,
  space,
  node,
  disk: nodeDisk,
  clock: systemClock,
  exclude: ['*.tmp', 'cache/'],
  emit: (e) => console.log(JSON.stringify(e)),
});
const empty = {
  async row() {
    return undefined;
  },
  async *children() {},
};
const signal = new AbortController().signal;
const rss = () => (process.memoryUsage().rss / 1e6) | 0;
async function once(what: string) {
  const t = performance.now();
  const c = process.cpuUsage();
  let n = 0;
  for await (const _ of scanTree({ store, index: empty, under: undefined, recursive: true, signal })) n++;
  const ms = performance.now() - t;
  const cpu = process.cpuUsage(c);
  console.log(
    what,
    n,
    'entries',
    ms | 0,
    'ms',
    ((n / ms) * 1000) | 0,
    '/s',
    'cpu',
    ((cpu.user + cpu.system) / 1e3) | 0,
    'rss',
    rss(),
  );
}
gc();
console.log('start rss', rss());
await once('scan 1');
await once('scan 2');
gc();
const h0 = process.memoryUsage().heapUsed;
const r0 = rss();
const t = performance.now();
const c = process.cpuUsage();
let peak = 0;
const timer = setInterval(() => {
  peak = Math.max(peak, rss());
}, 5);
const stop = new AbortController();
for await (const hint of store.watch(stop.signal)) {
  console.log((performance.now() - t) | 0, 'ms', JSON.stringify(hint));
  if (hint.kind === 'all' && hint.reason !== 'watch begins') break;
  if (hint.kind === 'all') await once('scan under watch');
  else if (hint.kind === 'dir') {
    break;
  }
}
`${stop}`;
const cpu = process.cpuUsage(c);
console.log(
  'watch ready',
  (performance.now() - t) | 0,
  'ms cpu',
  ((cpu.user + cpu.system) / 1e3) | 0,
  'peak',
  peak,
);
clearInterval(timer);
process.exit();
