/** The service runs under the same settings of the runtime as `main.ts` by its own first line. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { runtimeEnv, runtimeFlags } from './daemon.ts';

it('has the settings of the first line of main.ts in the unit too', async () => {
  const unit = await readFile(new URL('../../systemd/dongbo.service', import.meta.url), 'utf8');
  const flags = /^ExecStart=\S+ (.*) \S+main\.ts /m.exec(unit)?.[1]?.split(' ');
  const env = /^Environment=(.*)$/m.exec(unit)?.[1]?.split(' ');
  expect(flags).toEqual(runtimeFlags);
  expect(flags?.length).toBeGreaterThan(0);
  expect(env).toEqual(Object.entries(runtimeEnv).map(([name, value]) => `${name}=${value}`));
});
