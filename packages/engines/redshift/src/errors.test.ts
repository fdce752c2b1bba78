import { readFileSync } from 'node:fs';
import { Password, type RotationError } from '@keyturn/core';
import { describe, expect, test } from 'vitest';
import { loginError } from './login-errors.ts';
import { statementError } from './statement-errors.ts';

const where = { endpoint: 'cluster:5439', user: 'app' };
const login = { host: 'cluster', port: 5439, username: 'app', password: new Password('x'), database: 'dev' } as const;
const tls = { rejectUnauthorized: true, minVersion: 'TLSv1.2', checkServerIdentity: () => undefined, ca: [] } as const;
const answer = (code: string, routine = 'somewhere') =>
  Object.assign(new Error('taint: text of the server'), { code, routine, severity: 'FATAL' });

const told = {
  'At the login:': (code: string, routine?: string) =>
    loginError(answer(code, routine), { ...login, tls: { ...tls, ca: [] } }, where),
  'In a statement:': (code: string) => statementError(answer(code), where),
} as const;
const sources = { 'At the login:': 'login-errors.ts', 'In a statement:': 'statement-errors.ts' } as const;

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

/** The rows of the README's table after this line: what the server says, the code, words of the remedy. */
function rowsAfter(line: string): readonly (readonly [string, string | undefined, string, string])[] {
  const [, table = ''] = read('../README.md').split(`\n${line}\n`);
  return (table.trimStart().split('\n\n')[0] ?? '')
    .split('\n')
    .slice(2)
    .map((row) => {
      const [, , says = '', code = '', remedy = ''] = row.split('|').map((cell) => cell.trim());
      const [sqlstate = '', routine] = [...says.matchAll(/`([^`]+)`/g)].map((match) => match[1]);
      return [sqlstate, routine, code.replaceAll('`', ''), remedy] as const;
    });
}

describe.each(['At the login:', 'In a statement:'] as const)('%s', (line) => {
  const rows = rowsAfter(line);

  test.each(rows)('%s %s is %s', (sqlstate, routine, code, remedy) => {
    const error: RotationError = told[line](sqlstate, routine);
    expect(error).toMatchObject({ code, driverCode: sqlstate, ...where });
    expect(error.remedy).toContain(remedy);
    expect(JSON.stringify(error)).not.toContain('taint');
  });

  test('the table of the README has every SQLSTATE that the code has, and one that it has not', () => {
    const inCode = new Set([...read(sources[line]).matchAll(/case '([0-9A-Z]{5})'/g)].map((match) => match[1]));
    const inTable = new Set(rows.map(([sqlstate]) => sqlstate));
    expect(rows.length).toBeGreaterThan(5);
    expect([...inCode].filter((sqlstate) => !inTable.has(sqlstate ?? ''))).toEqual([]);
    expect([...inTable].filter((sqlstate) => !inCode.has(sqlstate)).length).toBeGreaterThan(0);
  });
});

test('a refusal by address is a matter of TLS where there is none', () => {
  const error = loginError(answer('28000', 'ClientAuthentication'), { ...login, tls: false }, where);
  expect(error).toMatchObject({ code: 'tls-required', remedy: expect.stringContaining('"ssl": false') });
});

test('classes of errors that a server has in trouble are told as such', () => {
  for (const code of ['53200', '58030', 'XX000']) {
    expect(loginError(answer(code), { ...login, tls: false }, where)).toMatchObject({ code: 'server-not-ready' });
  }
});
