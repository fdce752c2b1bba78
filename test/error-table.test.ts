import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { remedies } from '@keyturn/core';
import { expect, test } from 'vitest';

test('the table of errors in core’s README is the one in the code', async () => {
  const readme = await readFile(join(import.meta.dirname, '../packages/core/README.md'), 'utf8');
  const rows = readme
    .slice(readme.indexOf('## Errors'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, 3),
    );
  expect(rows).toEqual(Object.entries(remedies).map(([code, remedy]) => [`\`${code}\``, remedy]));
});
