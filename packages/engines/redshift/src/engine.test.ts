import { expect, test } from 'vitest';
import { redshift } from './index.ts';

const engine = redshift();

test('the rules for secrets are those of the AWS guide', () => {
  expect(engine.secret).toEqual({
    engines: ['redshift', 'redshift-serverless'],
    defaultPort: 5439,
    defaultDatabase: 'dev',
    usernameMaxBytes: 127,
  });
});

test('passwords are those that Redshift takes in clear text', () => {
  const { characters, minLength, maxLength, excludedByDefault } = engine.passwords;
  expect([minLength, maxLength]).toEqual([8, 64]);
  expect(characters).toMatch(/^[\x21-\x7e]{89}$/);
  expect(new Set(characters).size).toBe(89);
  for (const refused of `'"\\/@ `) expect(characters).not.toContain(refused);
  expect(excludedByDefault).toBe(':/@"\'\\');
});

test('there is no overlap: a user has one password at a time', () => {
  expect(engine.overlap).toBeUndefined();
  expect(engine.admin?.twins).toBeDefined();
});
