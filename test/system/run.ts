/**
 * `npm run test:system`: the tests that need tools of the system (systemd, rsync, sshd, …), test/system/*.system.ts.
 * `--json FILE` writes vitest's JSON report there.
 */
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';
import { root } from '#test/tidy/source.ts';

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });

const vitest = await startVitest('test', positionals, {
  config: false,
  root,
  watch: false,
  include: ['test/system/**/*.system.ts'],
  pool: 'forks',
  maxWorkers: 1,
  testTimeout: 120_000,
  hookTimeout: 120_000,
  reporters: values.json ? ['verbose', 'json'] : ['verbose'],
  ...(values.json && { outputFile: { json: values.json } }),
});
await vitest.close();
