import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { remedies } from '@keyturn/core';
import { expect, test } from 'vitest';
import { preventingOptions, serverErrors } from './server-errors.ts';

const folders = ['.', '../../../drivers/mysql2/src', '../../../connection/src'];

/** Every code that the engine, its driver and what they share of a connection can throw. */
function codesInSource(): ReadonlySet<string> {
  const files = folders.flatMap((folder) =>
    readdirSync(join(import.meta.dirname, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(import.meta.dirname, folder, file), 'utf8')),
  );
  const words = files.flatMap((text) => text.match(/'[a-z]+(?:-[a-z]+)+'/g) ?? []).map((word) => word.slice(1, -1));
  return new Set(words.filter((word) => word in remedies));
}

/** The rows of the README's table: the codes, and what the server says for each. */
function table(): ReadonlyMap<string, readonly string[]> {
  const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
  const rows = readme.slice(readme.indexOf('## Errors')).matchAll(/^\| `([a-z-]+)` +\| (.*?) +\| /gm);
  return new Map([...rows].map(([, code = '', says = '']) => [code, says.split(', ')]));
}

test('the table has every code that can be thrown, and no other', () => {
  expect([...table().keys()]).toEqual([...codesInSource()].sort());
});

test('the table has every number that the engine knows, by its name, at its code', () => {
  const wanted = [...serverErrors.values()].map(({ name, code }) => `${code}: ${name}`);
  for (const { code } of preventingOptions.values()) wanted.push(`${code}: ER_OPTION_PREVENTS_STATEMENT`);
  const said = [...table()].flatMap(([code, names]) =>
    names.filter((name) => name.startsWith('ER_')).map((name) => `${code}: ${name}`),
  );
  expect(said.sort()).toEqual([...new Set(wanted)].sort());
});
