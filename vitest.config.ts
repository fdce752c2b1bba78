import { defineConfig } from 'vitest/config';

const conditions = ['keyturn-source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.deep.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    retry: 0,
  },
});
