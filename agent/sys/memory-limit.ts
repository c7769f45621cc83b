/** How much memory this process may have: what the unit or container gives, or the machine. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** What a file holds; undefined where there is none. */
export type ReadText = (path: string) => string | undefined;

const readText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/**
 * Bytes. The least of `memory.max` (systemd's MemoryMax, or a container's) of this process's cgroup and of those above
 * it, the same of version 1, and the memory of the machine.
 */
export function memoryLimit(read: ReadText = readText, machine: number = totalmem()): number {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').flatMap((line) => {
    const [, controllers = '', path = ''] = line.match(/^\d+:([^:]*):(.*)$/) ?? [];
    if (controllers === '') return [{ root: '/sys/fs/cgroup', file: 'memory.max', path }];
    const memory = controllers.split(',').includes('memory');
    return memory ? [{ root: '/sys/fs/cgroup/memory', file: 'memory.limit_in_bytes', path }] : [];
  });
  const limits = groups.flatMap(({ root, file, path }) =>
    upwards(path).map((at) => numberIn(read(`${root}${at}/${file}`))),
  );
  return Math.min(machine, ...limits.filter((limit) => limit > 0));
}

/** `max` means none. */
const numberIn = (text: string | undefined): number => (/^\d+\n?$/.test(text ?? '') ? Number(text) : 0);

/** A group and all above it; in a container its own group is the root of what is seen. */
function upwards(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`).concat('');
}
