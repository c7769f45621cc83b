import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type StoreUnderTest, storeContract } from '#test/contract/store.ts';
import { openFolder } from './folder-under-test.ts';

storeContract('FolderStore', async (): Promise<StoreUnderTest> => {
  const folder = await openFolder({ exclude: ['*.tmp', 'cache/'] });
  const { at } = folder;
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  };
  return {
    store: folder.store,
    write: (path, content) => write(at(path), content),
    mkdir: async (path) => void (await mkdir(at(path), { recursive: true })),
    link: (target, path) => symlink(target, at(path)),
    chmod: (path, mode) => chmod(at(path), mode),
    remove: (path) => rm(at(path), { recursive: true }),
    rename: (from, to) => rename(at(from), at(to)),
    async moveIn(path, files) {
      for (const file of files) await write(`${folder.around}/outside/${file}`, file);
      await rename(`${folder.around}/outside`, at(path));
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
});
