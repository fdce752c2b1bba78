import { defineConfig, type ViteUserConfig } from 'vitest/config';

const conditions = ['keyturn-source'];

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.deep.test.ts'],
    setupFiles: ['test/record-output.ts'],
    globalSetup: ['test/browser-of-the-run.ts', 'test/taint-of-the-run.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    retry: 0,
  },
});

export default config;
