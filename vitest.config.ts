import { defineConfig } from 'vitest/config';

/** `npm test`. What needs tools of the system is in test/system (`npm run test:system`). */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
  },
});
