import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { postgres } from './index.ts';

const engine = postgres();

test('the rules for secrets are those of the AWS guide', () => {
  expect(engine.secret).toEqual({
    engines: ['postgres', 'aurora-postgresql'],
    defaultPort: 5432,
    defaultDatabase: 'postgres',
    usernameMaxBytes: 63,
  });
});

test('passwords may hold every printable ASCII character, each once in the list', () => {
  const { characters, excludedByDefault } = engine.passwords;
  expect(characters).toMatch(/^[\x20-\x7e]{95}$/);
  expect(new Set(characters).size).toBe(95);
  expect(excludedByDefault).toBe(':/@"\'\\');
  for (const character of excludedByDefault) expect(characters).toContain(character);
});

test('the built-in authorities are certificates of Amazon', () => {
  const authorities = engine.certificateAuthorities?.() ?? [];
  expect(authorities.length).toBeGreaterThan(50);
  for (const pem of authorities) expect(new X509Certificate(pem).subject).toMatch(/Amazon|RDS|Starfield/);
});
