import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { remedies } from '@keyturn/core';
import { fromDriver } from '@keyturn/driver-mysql2';
import { describe, expect, test } from 'vitest';
import { dialect } from './dialect.ts';
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

/** The rows of a table under a heading of the README, as cells. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
  const after = readme.slice(readme.indexOf(`${heading}\n`)).split('\n#')[0] ?? '';
  const cells = after
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  // The names of the columns, and the line below them.
  return cells.slice(2);
}

test('the table has every code that can be thrown, and no other', () => {
  expect(tableUnder('## Errors').map(([code]) => code)).toEqual(
    [...codesInSource()].sort().map((code) => `\`${code}\``),
  );
});

test('the table of the server’s numbers is the one in the code, each with its remedy', () => {
  const numbers = [...serverErrors]
    .toSorted(([a], [b]) => a - b)
    .map(([number, { name, code, remedy }]) => [String(number), name, `\`${code}\``, remedy ?? remedies[code]]);
  const options = [...preventingOptions].map(([option, { code, remedy }]) => [
    '1290',
    `ER_OPTION_PREVENTS_STATEMENT, ${option.replaceAll('-', '_')}`,
    `\`${code}\``,
    remedy ?? remedies[code],
  ]);
  expect(tableUnder('### What the server answers')).toEqual([...numbers, ...options]);
});

const where = { endpoint: 'db:3306', user: 'app', encrypted: true };
/** As the driver makes them. */
const report = (errno: number, sqlMessage = 'taint: what the server says') =>
  Object.assign(new Error(sqlMessage), { errno, sqlMessage, code: 'ER_OF_THE_DRIVER', sql: 'taint: the statement' });
/** Numbers that mean something else in a statement than at a login. */
const deniedInStatements = [1044, 1045, 1698];

describe('of an answer of the server, only its number decides:', () => {
  test.each([...serverErrors].map(([number, known]) => ({ number, ...known })))(
    '$number is $code',
    ({ number, name, code, message, remedy }) => {
      const atLogin = fromDriver(report(number), 'login', where, dialect);
      expect(atLogin).toMatchObject({ code, driverCode: name, endpoint: 'db:3306', user: 'app' });
      expect(atLogin.details.message).toBe(message);
      expect(atLogin.remedy).toBe(remedy ?? remedies[code]);
      const inStatement = fromDriver(report(number), 'statement', where, dialect);
      const expected = deniedInStatements.includes(number) ? 'missing-privilege' : code;
      expect(inStatement).toMatchObject({ code: expected, driverCode: name });
      for (const error of [atLogin, inStatement])
        expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('taint');
    },
  );

  test.each([...preventingOptions].map(([option, known]) => ({ option, ...known })))(
    '1290 with $option is $code',
    ({ option, code, remedy }) => {
      const text = `taint --${option.replaceAll('-', '_')} taint`;
      const error = fromDriver(report(1290, text), 'statement', where, dialect);
      expect(error).toMatchObject({ code, driverCode: 'ER_OPTION_PREVENTS_STATEMENT' });
      expect(error.remedy).toBe(remedy ?? remedies[code]);
    },
  );

  test.each([
    ['statement', 'statement-failed'],
    ['login', 'login-not-allowed'],
  ] as const)('one that nobody knows is, in a %s, %s', (activity, code) => {
    expect(fromDriver(report(31_415), activity, where, dialect)).toMatchObject({
      code,
      driverCode: 'ER_OF_THE_DRIVER',
    });
    // Where the driver has no name for it either.
    const nameless = Object.assign(report(31_415), { code: undefined });
    expect(fromDriver(nameless, activity, where, dialect)).toMatchObject({ code, driverCode: 'errno 31415' });
    expect(fromDriver(report(1290, 'taint --of-the-future'), 'statement', where, dialect).code).toBe(
      'statement-failed',
    );
  });
});
