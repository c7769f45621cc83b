/** A disk with some of its calls replaced, in the whole of it and in what is taken of it beneath a root. */
import type { Disk } from '#agent/sys/disk.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';

export function overlaid(calls: Partial<Disk>, disk: Disk = nodeDisk): Disk {
  return { ...disk, ...calls, within: (root) => overlaid(calls, disk.within(root)) };
}
