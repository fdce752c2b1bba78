import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scenarioGroups } from './conformance/groups.ts';

const readme = await readFile(join(import.meta.dirname, '..', 'README.md'), 'utf8');

test('the example in the README is the one that the tests run', async () => {
  const example = await readFile(join(import.meta.dirname, 'example.test.ts'), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
});

test('the README names every group of scenarios, and no other', () => {
  const section = readme.slice(readme.indexOf('## Scenarios'), readme.indexOf('## The crash matrix'));
  const rows = [...section.matchAll(/^\| ([^|]+) \|/gm)].map(([, name]) => name).slice(1);
  expect(rows).toEqual(scenarioGroups.map(({ name }) => name));
});
