import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ServiceModule } from '@keyturn/engine-conformance';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const folders: string[] = [];
for await (const file of glob('packages/engines/*/package.json', { cwd: root })) folders.push(dirname(file));

/** What an engine's folder lacks of what the suite needs; empty where it has all. */
async function lacking(folder: string): Promise<string[]> {
  const at = (...path: string[]) => join(root, folder, ...path);
  const faults: string[] = [];
  for (const file of ['src/index.ts', 'service/index.ts', 'service/package.json', 'conformance.test.ts', 'README.md']) {
    if (!existsSync(at(file))) faults.push(`there is no ${file}`);
  }
  const tests: string[] = [];
  for await (const file of glob('conformance*.test.ts', { cwd: at() })) tests.push(await readFile(at(file), 'utf8'));
  if (!tests.some((text) => text.includes('describeConformance('))) faults.push('no test runs describeConformance');
  if (existsSync(at('service/index.ts'))) {
    const { services }: ServiceModule = await import(at('service/index.ts'));
    if (services === undefined || services.length === 0) faults.push('its service has no services');
    for (const { engine, version } of services ?? []) {
      if (engine !== basename(folder)) faults.push(`the service of ${version} is of ${engine}`);
    }
  }
  return faults;
}

describe('every folder of packages/engines', () => {
  test('is found', () => {
    expect(folders.length).toBeGreaterThan(2);
  });

  test.each(folders)('%s has an engine, a service and the suite', async (folder) => {
    expect(await lacking(folder)).toEqual([]);
  });

  test('the control: a folder without them is named for each', async () => {
    expect(await lacking('packages/connection')).toEqual([
      'there is no service/index.ts',
      'there is no service/package.json',
      'there is no conformance.test.ts',
      'no test runs describeConformance',
    ]);
  });
});
