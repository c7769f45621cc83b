/** Live progress of the demo, from the daemons' own status endpoints. */
import type { Snapshot } from '#agent/status/snapshot.ts';
import type { Cluster } from '#test/process/cluster.ts';

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function sideOf(label: string, snapshot: Snapshot | undefined): string {
  const space = snapshot?.spaces[0];
  if (!snapshot || !space) return `${label}: starting`;
  const state = space.reason ? `${space.state} (${space.reason})` : space.state;
  return `${label}: ${space.items} items, ${megabytes(space.bytes)}, ${space.pending} to come, ${state}`;
}

/** One line: what each side has, how fast it goes, and how long it still takes at that rate. */
export class ProgressLine {
  readonly #started = performance.now();

  text(a: Snapshot | undefined, b: Snapshot | undefined): string {
    const seconds = (performance.now() - this.#started) / 1000;
    const total = a?.spaces[0]?.bytes ?? 0;
    const done = b?.spaces[0]?.bytes ?? 0;
    const rate = done / Math.max(seconds, 0.001);
    const left = rate > 0 && total > done ? `, ${Math.ceil((total - done) / rate)} s to go` : '';
    return `[${seconds.toFixed(1)} s] ${sideOf('A', a)} | ${sideOf('B', b)} | ${megabytes(rate)}/s${left}`;
  }
}

/** True when both agencies say that they are in step, and mean the same number of items. */
export async function inStep(cluster: Cluster): Promise<boolean> {
  const [a, b] = await Promise.all([cluster.a.status(), cluster.b.status()]);
  const mine = a?.spaces[0];
  const theirs = b?.spaces[0];
  return mine?.state === 'in-step' && theirs?.state === 'in-step' && mine.items === theirs.items;
}

/** Bytes that have crossed the wire, both ways, as the two agencies counted them. */
export async function wireBytes(cluster: Cluster): Promise<number> {
  let total = 0;
  const ends = cluster.relay ? [cluster.a, cluster.b] : [cluster.a];
  for (const daemon of ends) {
    const peers = (await daemon.status())?.spaces[0]?.peers ?? [];
    for (const peer of peers) total += peer.bytesIn + peer.bytesOut;
  }
  return total;
}
