/** When a cluster has come to rest: both folders the same, and both agencies say so. */
import { compareTrees } from '#test/demo/compare-trees.ts';
import { inStep } from '#test/demo/progress.ts';
import type { Cluster } from './cluster.ts';

/** Waits until both trees are equal and both statuses say in step; fails with the differences left. */
export async function settled(cluster: Cluster, seconds = 100): Promise<void> {
  const [a, b] = cluster.folders;
  let left: readonly string[] = [];
  const isSettled = async () => {
    if (!(await inStep(cluster))) return false;
    left = (await compareTrees(a, b)).differences;
    return left.length === 0 && (await inStep(cluster));
  };
  try {
    await cluster.until('both folders equal and in step', isSettled, seconds);
  } catch (error) {
    throw new Error(`${String(error)}\ndifferences: ${left.join('; ') || 'none seen while in step'}`);
  }
}

/** Bytes both ways on each link of each agency, as it counted them since it was started. */
export async function linkBytes(cluster: Cluster): Promise<readonly number[]> {
  const snapshots = await Promise.all([cluster.a.status(), cluster.b.status()]);
  const peers = snapshots.flatMap((s) => s?.spaces.flatMap((space) => space.peers) ?? []);
  return peers.map(({ bytesIn, bytesOut }) => bytesIn + bytesOut);
}
