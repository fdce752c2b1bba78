import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { remedies } from '@keyturn/core';
import { expect, test } from 'vitest';

test('the table of errors in core’s README is the one in the code', async () => {
  const readme = await readFile(join(import.meta.dirname, '../packages/core/README.md'), 'utf8');
  const table = Object.entries(remedies).map(([code, remedy]) => `| \`${code}\` | ${remedy.replaceAll('|', '\\|')} |`);
  const rows = readme
    .slice(readme.indexOf('## Errors'))
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows).toEqual(table);
});
