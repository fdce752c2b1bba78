import { Password, withConnection } from '@keyturn/core';
import { newest, startPostgres } from '@keyturn/service-postgres';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningPostgres } from '../service/running-postgres.ts';
import { limits, loginTo } from '../service/test-login.ts';
import { postgres } from './index.ts';
import { printableName } from './quoting.ts';

const characters = (from: number, to: number) =>
  String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, index) => from + index));
const ascii = characters(0x01, 0x7f);
const printableAscii = characters(0x20, 0x7e);

/** Names that together hold every ASCII character but NUL, and those that have fooled quoting before. */
const hardNames = [
  ascii.slice(0, 63),
  ascii.slice(63, 126),
  `${ascii.slice(126)}\\`,
  '"',
  '""',
  '\\"',
  "'; DROP ROLE app; --",
  '$1',
  '$$',
  '%s %u %%',
  'a\nb\r\n',
  '🔑🗝️',
  'ünï',
  `${'é'.repeat(31)}x`,
  'SESSION_USER',
  'app/* */',
  ' ',
  'U&"\\0041"',
];

/** Any other name of at most 63 bytes. */
const names = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('"', "'", '\\', '$', '%', '\n', '🔑'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
    minLength: 1,
    maxLength: 20,
  })
  .filter((name) => name.isWellFormed() && !name.includes('\0') && Buffer.byteLength(name) <= 63)
  // The server keeps these for itself.
  .filter((name) => !/^pg_|^(public|none)$/.test(name));

const passwords = fc.string({ unit: fc.constantFrom(...printableAscii), minLength: 1, maxLength: 40 });

describe.each(newest)('PostgreSQL $version', ({ version }) => {
  let server: RunningPostgres;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  afterAll(() => server?.stop());

  /** The user changes its own password, then the administrator resets it; each time the new one logs in. */
  async function rotates(name: string, first: string, second: string, engine = postgres()): Promise<void> {
    const login = loginTo(server, name, 'initial');
    await withConnection(engine, login, limits(), (connection) =>
      engine.changeOwnPassword(connection, new Password(first), login.password),
    );
    expect(await server.logsIn(name, first)).toBe(true);
    const { username, password } = server.administrator;
    await withConnection(
      engine,
      loginTo(server, username, password),
      limits(),
      (connection) =>
        engine.admin?.resetPassword(connection, name, new Password(second)) ?? Promise.reject(new Error('no admin')),
    );
    expect(await server.logsIn(name, second)).toBe(true);
    await server.execute(`DROP ROLE ${pg.escapeIdentifier(name)}`);
  }

  test('a role of any name rotates', async () => {
    const examples = hardNames.map((name): [string] => [name]);
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        await server.createUser(name, 'initial');
        await rotates(name, 'first', 'second');
      }),
      { examples, numRuns: hardNames.length + 12 },
    );
  });

  test('any accepted password is set and logs in, as a verifier and as plain text', async () => {
    await fc.assert(
      fc.asyncProperty(passwords, passwords, fc.boolean(), async (first, second, plaintextPassword) => {
        await server.createUser('app', 'initial');
        await rotates('app', first, second, postgres({ plaintextPassword }));
      }),
      {
        examples: [
          [printableAscii, '\\', true],
          [printableAscii, "'", false],
          ["\\'; DROP ROLE app; --", ' ', true],
        ],
        numRuns: 15,
      },
    );
  });

  test('a printable name is SQL for the same role', async () => {
    for (const name of ['a\nb', 'tab\t\\ "q"', '\u2028\u0085', 'plain']) {
      await server.createUser(name, 'initial');
      await server.execute(`DROP ROLE ${printableName(name)}`);
      const rows = await server.execute(`SELECT FROM pg_roles WHERE rolname = ${pg.escapeLiteral(name)}`);
      expect(rows).toEqual([]);
    }
  });

  test('plain text that the server would take for a verifier is refused, and nothing changes', async () => {
    await server.createUser('app', 'initial');
    const login = loginTo(server, 'app', 'initial');
    const engine = postgres({ plaintextPassword: true });
    for (const text of [`md5${'0'.repeat(32)}`, 'SCRAM-SHA-256$4096:x$y:z']) {
      const change = withConnection(engine, login, limits(), (connection) =>
        engine.changeOwnPassword(connection, new Password(text), login.password),
      );
      await expect(change).rejects.toMatchObject({ code: 'password-not-accepted' });
    }
    expect(await server.hasPassword('app', 'initial')).toBe(true);
    // As a verifier the same text is a password like any other.
    await rotates('app', `md5${'0'.repeat(32)}`, 'second');
  });
});
