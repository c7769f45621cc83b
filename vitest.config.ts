import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** `npm test`. What needs tools of the system is in test/system (`npm run test:system`). */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A net below the tests' own waits, which tell more; several times what a machine under load needs.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 10_000,
    // Daemons and commands are started some hundred times, and each compiles half a thousand files.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/dongbo-test') },
  },
});
