import { mergeConfig, type ViteUserConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The longer searches: every supported server's crash matrix, and the property tests with more runs. */
const config: ViteUserConfig = mergeConfig(base, {
  test: {
    setupFiles: ['test/deep-search.ts'],
    testTimeout: 1_800_000,
  },
});
// Merging would add to the base's list.
config.test = {
  ...config.test,
  include: ['packages/**/src/**/*.test.ts', 'test/races.test.ts', '**/*.deep.test.ts'],
  exclude: ['**/node_modules/**', '**/dist/**'],
};

export default config;
