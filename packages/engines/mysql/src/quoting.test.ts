import type { RunningService } from '@keyturn/engine-conformance';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tokensOf } from '../service/double/tokens.ts';
import { startOldServer } from '../service/index.ts';
import { failureOf, limits, loginTo } from '../service/test-logins.ts';
import { mysql } from './index.ts';
import { checkUsername, hexLiteral, identifier, stringLiteral } from './quoting.ts';

const engine = mysql();
let server: RunningService;
beforeAll(async () => {
  server = await startOldServer();
});
afterAll(() => server?.stop());

const anything = fc
  .string({ unit: fc.constantFrom(...'aZ09`\'"\\;-#/*%_ \n\t\r\x1a$@.äЯ漢'), maxLength: 20 })
  .filter((text) => !text.includes('\0'));

test('a real server reads back what a literal or an identifier holds', async () => {
  const { username, password } = server.administrator;
  const connection = await engine.connect(loginTo(server, username, password, { tls: false }), limits());
  for (const mode of ['NO_BACKSLASH_ESCAPES', 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES', '']) {
    await connection.query(`SET SESSION sql_mode = '${mode}'`);
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        // Where a backslash escapes, only text without one is read the same.
        fc.pre(mode !== '' || !text.includes('\\'));
        // An alias may not end in a space, or be empty.
        const name = `n${text}n`;
        const [row] = await connection.query(
          `SELECT ${stringLiteral(text)} AS ${identifier(name)}, CONVERT(${hexLiteral(text)} USING utf8mb4) AS hex`,
        );
        expect(row).toEqual({ [name]: text, hex: text });
      }),
      { numRuns: 150 },
    );
  }
  await engine.close(connection);
});

test('the double reads the same', () => {
  fc.assert(
    fc.property(anything, fc.boolean(), (text, ansiQuotes) => {
      const [literal, name, ...more] = tokensOf(`${stringLiteral(text)} ${identifier(text)}`, {
        ansiQuotes,
        noBackslashEscapes: true,
      });
      expect([literal?.text, name?.text, more]).toEqual([text, text, []]);
      expect([literal?.kind, name?.kind]).toEqual(['string', 'name']);
    }),
  );
});

test.each([
  ['', 'empty'],
  ['a ', 'a space'],
  ["'a'", 'the character'],
  ['a\0b', 'NUL'],
  ['🔑', 'beyond U+FFFF'],
  ['x'.repeat(33), 'more than 32'],
])('the name %j is refused before anything is sent', async (name, reason) => {
  expect(() => checkUsername(name)).toThrow(reason);
  const failure = await failureOf(engine.connect(loginTo({ port: 1, ca: '' }, name, 'x', { tls: false }), limits()));
  expect(failure.code).toBe('invalid-secret');
});
