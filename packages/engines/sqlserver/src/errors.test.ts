import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { remedies } from '@keyturn/core';
import { describe, expect, test } from 'vitest';
import { ErrorTrail, fromStatement } from './errors.ts';
import { loginErrors } from './login-errors.ts';
import { statementErrors } from './statement-errors.ts';

const where = { endpoint: 'db:1433', user: 'app', database: 'app' };

/** The rows of the table under a heading of the README, as cells. */
async function tableUnder(heading: string): Promise<readonly (readonly string[])[]> {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
  const after = readme.slice(readme.indexOf(`### ${heading}\n`));
  const end = after.indexOf('\n#', 1);
  return after
    .slice(0, end === -1 ? undefined : end)
    .split('\n')
    .filter((line) => /^\| \d/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('the README tells every error that the code knows, and no other', () => {
  test.each([
    ['The login', loginErrors],
    ['The statements', statementErrors],
  ] as const)('%s', async (heading, known) => {
    expect(await tableUnder(heading)).toEqual(
      [...known].map(([number, { code, message, remedy }]) => [
        String(number),
        `\`${code}\``,
        message,
        remedy ?? remedies[code],
      ]),
    );
  });
});

test.each([...statementErrors].map(([number, cause]) => ({ number, ...cause })))(
  'a statement that fails with $number is $code',
  ({ number, code, message }) => {
    const trail = new ErrorTrail();
    trail.add({ number, state: 1, lineNumber: 3 });
    const error = fromStatement(new Error('taint: what the driver says'), trail, where);
    expect(error).toMatchObject({ code, driverCode: String(number), endpoint: 'db:1433', user: 'app' });
    expect(error.details.message).toBe(message);
    expect(error.message).not.toContain('taint');
    expect(trail.line).toBe(3);
  },
);

test('an error without a number is a broken connection, whatever the driver calls it', () => {
  for (const code of ['ESOCKET', 'ECLOSE', 'ECANCEL', 'EINVALIDSTATE']) {
    const error = fromStatement(Object.assign(new Error('taint'), { code }), new ErrorTrail(), where);
    expect(error).toMatchObject({ code: 'connection-lost', driverCode: 'ECONNRESET' });
  }
  const wrapped = Object.assign(new Error('taint'), {
    code: 'ESOCKET',
    cause: Object.assign(new Error(), { code: 'EPIPE' }),
  });
  expect(fromStatement(wrapped, new ErrorTrail(), where)).toMatchObject({
    code: 'connection-lost',
    driverCode: 'EPIPE',
  });
});

test('of several numbers, the one that is known decides', () => {
  const trail = new ErrorTrail();
  for (const number of [50_000, 3906, 15151]) trail.add({ number, state: 1, lineNumber: 1 });
  expect(fromStatement(new Error('taint'), trail, where)).toMatchObject({ code: 'read-only-server' });
});
