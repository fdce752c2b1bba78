import { availableParallelism } from 'node:os';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const long = /conformance|crash|template|availability|histories|control|adding-an-engine/;

/** Files that take minutes begin first, so that no core is left with one of them in the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => Number(long.test(b.moduleId)) - Number(long.test(a.moduleId)));
  }
}

const conditions = ['keyturn-source'];

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'packages/**/*.test.ts',
      'test/**/*.test.ts',
      'scripts/**/*.test.ts',
      'examples/**/*.test.ts',
      'cdk/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.deep.test.ts'],
    setupFiles: ['test/record-output.ts'],
    globalSetup: ['test/browser-of-the-run.ts', 'test/compile-cache-of-the-run.ts', 'test/taint-of-the-run.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    retry: 0,
    // Every core works: by default one is left to the reporter, which on two cores would double the time.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
  },
});

export default config;
