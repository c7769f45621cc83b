/** Labels with real daemons: a label file found by the watch, and decisions through the control socket. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withCluster } from './with-cluster.ts';

const limit = 180_000;
const by = ['--decided-by', 'Bà B', '--decision-ref', '34/QĐ'];

/** Files of a directory that hold `text`. */
async function holding(dir: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(file)).includes(text)) found.push(file);
  }
  return found;
}

it(
  'what a label file or a decision makes a secret leaves no trace; a person may declare it open again',
  {
    timeout: limit,
  },
  () =>
    withCluster({ route: 'direct' }, async (cluster) => {
      const [a, b] = cluster.folders;
      const label = (...argv: readonly string[]) =>
        cluster.a.dongbo('label', ...argv, '--config', cluster.a.configFile);
      const has = (path: string) => async () => (await readFile(join(b, path), 'utf8')) === path;
      const put = (path: string) => writeFile(join(a, path), path);
      await mkdir(join(a, 'd'));
      await put('d/một.txt');
      cluster.start();
      await cluster.ready();
      await cluster.until('the first file', has('d/một.txt'));
      const file = '- { path: "*.zzmat", secrecy: MAT, decidedBy: Ông A, decisionRef: 12/QĐ }';
      await writeFile(join(a, 'd/.dongbo-labels.yaml'), file);
      await put('d/zzmarker-1.zzmat');
      await label('set', 'd/zzmarker-2.txt', '--secrecy', 'MAT', ...by);
      await put('d/zzmarker-2.txt');
      await put('d/hai.txt');
      await cluster.until('the file after them', has('d/hai.txt'));
      expect((await readdir(join(b, 'd'))).sort()).toEqual(['hai.txt', 'một.txt']);
      expect(await holding(cluster.a.state, 'zzmarker')).toEqual([]);
      expect(await label('list')).toMatch(/secrecy MAT, decidedBy Bà B/);
      await cluster.a.stop();
      cluster.a.start();
      await cluster.a.ready();
      await put('d/ba.txt');
      await cluster.until('the file after the restart', has('d/ba.txt'));
      expect((await readdir(join(b, 'd'))).sort()).toEqual(['ba.txt', 'hai.txt', 'một.txt']);
      await label('set', 'd/zzmarker-2.txt', '--secrecy', 'NONE', ...by);
      await cluster.until('what was declared open', has('d/zzmarker-2.txt'));
      expect(await readdir(join(b, 'd'))).not.toContain('zzmarker-1.zzmat');
      const record = await cluster.a.dongbo('audit', 'show', '--config', cluster.a.configFile);
      expect(record.match(/ label\.decided /g)).toHaveLength(2);
      expect(record).not.toContain('zzmarker');
    }),
);
