import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { taintFolderVariable } from '../packages/engine-conformance/src/taint/taint-record.ts';
import { searchTaintFolder } from '../packages/engine-conformance/src/taint/taint-verdict.ts';

/**
 * Around the whole test run: everything that any process printed, logged or threw is searched at the end
 * for every password that any test used. One finding fails the run.
 */
export default async function taintOfTheRun(): Promise<() => Promise<void>> {
  const parent = join(import.meta.dirname, '..', 'node_modules', '.cache', 'keyturn');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'taint-'));
  process.env[taintFolderVariable] = folder;
  return async () => {
    const start = performance.now();
    const { secrets, outputBytes, findings } = await searchTaintFolder(folder);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    process.stdout.write(
      `Taint: ${secrets} passwords searched for in ${(outputBytes / 1e6).toFixed(1)} MB of output, in ${seconds} s: ${findings.length} found\n`,
    );
    if (findings.length > 0) {
      const places = findings.slice(0, 20).map(({ form, file, line }) => `${form}, ${join(folder, file)}:${line}`);
      throw new Error(`A password stands in the output:\n${places.join('\n')}`);
    }
    await rm(folder, { recursive: true });
  };
}
