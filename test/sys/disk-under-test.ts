/** A disk of the operating system, with what its contract needs beside it. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Disk } from '#agent/sys/disk.ts';
import type { DiskUnderTest } from '#test/contract/disk.ts';
import { temporaryDir } from './temporary-dir.ts';

export async function openNodeDisk(disk: Disk): Promise<DiskUnderTest> {
  const dir = await temporaryDir();
  const sockets = new AsyncDisposableStack();
  return {
    disk,
    dir: dir.path,
    makeRawFile: (name) => writeFile(Buffer.concat([Buffer.from(`${dir.path}/`), name]), 'x'),
    makeFifo: async (path) => void execFileSync('mkfifo', [path]),
    makeSocket: async (path) => {
      const server = sockets.use(createServer());
      await once(server.listen(path), 'listening');
    },
    async [Symbol.asyncDispose]() {
      await sockets.disposeAsync();
      await dir[Symbol.asyncDispose]();
    },
  };
}
