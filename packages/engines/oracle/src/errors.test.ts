import { readFileSync } from 'node:fs';
import { RotationError, remedies } from '@keyturn/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromDriver, type OracleWhere } from './errors.ts';
import { driverErrors, type KnownError, serverErrors } from './server-errors.ts';
import { askedFor } from './verify-function.ts';

const where: OracleWhere = { endpoint: 'db.example.com:2484', user: 'app', encrypted: true };

test('the table of errors in the README is the one in the code', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = readme
    .slice(readme.indexOf('## Errors'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, 5),
    );
  const told = (prefix: string, digits: number, errors: ReadonlyMap<number, KnownError>) =>
    [...errors]
      .toSorted(([a], [b]) => a - b)
      .map(([number, { code, message, remedy }]) => [
        `\`${prefix}-${String(number).padStart(digits, '0')}\``,
        `\`${code}\``,
        message,
        remedy ?? remedies[code],
      ]);
  expect(rows).toEqual([...told('ORA', 5, serverErrors), ...told('NJS', 3, driverErrors)]);
});

/** As the driver makes them. */
const oraError = (number: number, text = 'some text') => {
  const name = `ORA-${String(number).padStart(5, '0')}`;
  return Object.assign(new Error(`${name}: ${text}`), { errorNum: number, code: name });
};
const njsError = (number: number, text = 'some text') =>
  Object.assign(new Error(`NJS-${String(number).padStart(3, '0')}: ${text}`), { code: `NJS-${number}` });

test('every number of the table has its code, whatever the text says', () => {
  for (const [number, { code }] of serverErrors) {
    expect(fromDriver(oraError(number), 'statement', where)).toMatchObject({
      code,
      endpoint: where.endpoint,
      user: 'app',
    });
  }
  for (const [number, { code }] of driverErrors) {
    expect(fromDriver(njsError(number), 'login', where)).toMatchObject({ code });
  }
});

test('the server’s number counts where the driver says only that the connection is closed', () => {
  const error = Object.assign(new Error('NJS-500: connection closed\nORA-01089: immediate shutdown'), {
    errorNum: 1089,
    code: 'NJS-500',
  });
  expect(fromDriver(error, 'login', where)).toMatchObject({ code: 'server-not-ready', driverCode: 'ORA-01089' });
});

test.each([
  [511, 'connection to listener refused: ORA-12528', 'server-not-ready', 'ORA-12528'],
  [511, 'connection to listener refused: refused', 'login-not-allowed', 'NJS-511'],
  [533, 'negotiation failed: ORA-12660', 'auth-method-unsupported', 'ORA-12660'],
  [999, 'of the future', 'connection-lost', 'NJS-999'],
] as const)('NJS-%i, %s', (number, text, code, driverCode) => {
  expect(fromDriver(njsError(number, text), 'login', where)).toMatchObject({ code, driverCode });
});

test('a number that nobody knows is told as it is', () => {
  expect(fromDriver(oraError(31_415), 'statement', where)).toMatchObject({
    code: 'statement-failed',
    driverCode: 'ORA-31415',
  });
  expect(fromDriver(oraError(31_415), 'login', where)).toMatchObject({
    code: 'login-not-allowed',
    driverCode: 'ORA-31415',
  });
});

test('a login that ends without a word names native network encryption', () => {
  expect(fromDriver(njsError(521), 'login', where).remedy).toContain('SQLNET.ENCRYPTION_SERVER');
  expect(fromDriver(njsError(521), 'statement', where).remedy).not.toContain('SQLNET');
});

describe('of the text of an error nothing comes out', () => {
  const secret = 'taint-Text-of-an-error';
  test('whatever error it is', () => {
    const numbers = fc.oneof(fc.constantFrom(...serverErrors.keys()), fc.integer({ min: 1, max: 65_535 }));
    const own = fc.oneof(fc.constantFrom(...driverErrors.keys()), fc.integer({ min: 1, max: 999 }));
    const activities = fc.constantFrom('connect', 'login', 'statement');
    fc.assert(
      fc.property(numbers, own, activities, fc.boolean(), fc.string(), (number, njs, activity, isOurs, noise) => {
        const text = `${noise}${secret} "${secret}"\nORA-20001: at least 3 ${secret}\nORA-06512: ${secret}`;
        const error = fromDriver(isOurs ? njsError(njs, text) : oraError(number, text), activity as 'login', where);
        expect(error).toBeInstanceOf(RotationError);
        expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain(secret);
        expect(error.cause).toBeUndefined();
      }),
    );
  });

  test.each([undefined, null, 'text', 42, {}, new Error(secret), Object.assign(new Error(secret), { code: secret })])(
    'also of what is no error of the driver',
    (thrown) => {
      const error = fromDriver(thrown, 'statement', where);
      expect(error).toBeInstanceOf(RotationError);
      expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain(secret);
    },
  );
});

test.each([
  ['ORA-28003: x\nORA-20001: Password length less than 12', '12 characters or more'],
  ['ORA-28003: x\nORA-20023: Password must contain at least 2 digit(s)', '2 or more digits'],
  ['ORA-28003: x\nORA-20024: Password must contain at least 1 uppercase character(s)', '1 or more uppercase letters'],
  ['ORA-28003: x\nORA-20025: Password must contain at least 1 lowercase character(s)', '1 or more lowercase letters'],
  ['ORA-28003: x\nORA-20026: password must contain at least 3 special characters', '3 or more special characters'],
  ['ORA-28003: x\nORA-20002: Password contains the username', 'a password without the name of the user in it'],
  ['ORA-28003: x\nORA-20001: S3cret! is too easy', undefined],
  ['ORA-28003: password verification for the specified password failed', undefined],
])('%j asks for %s', (text, asked) => {
  expect(askedFor(text)).toBe(asked);
});
