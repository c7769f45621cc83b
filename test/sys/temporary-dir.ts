/** A directory of its own for one test, removed at the end whatever its modes. */
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryDir extends AsyncDisposable {
  readonly path: string;
}

export async function temporaryDir(under = tmpdir()): Promise<TemporaryDir> {
  const path = await mkdtemp(join(under, 'dongbo-test-'));
  const remove = async () => {
    await openModes(path);
    await rm(path, { recursive: true, force: true });
  };
  return { path, [Symbol.asyncDispose]: remove };
}

async function openModes(dir: string): Promise<void> {
  await chmod(dir, 0o700);
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await openModes(join(dir, entry.name));
  }
}
