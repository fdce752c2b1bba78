import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

test('without options and environment the defaults are those of AWS', () => {
  expect(readSettings({}, {})).toMatchObject({
    password: { passwordLength: 32, excludeCharacters: undefined, requireEachIncludedType: true, includeSpace: false },
    passwordSource: 'local',
    passwordChangedBy: undefined,
    failedLoginLimit: 3,
    connectTimeoutMs: 5_000,
  });
});

test.each(['true', 'TRUE', '1', 'y', 'Yes'])(
  'the environment says yes as with AWS’s functions: %s',
  (EXCLUDE_NUMBERS) => {
    expect(readSettings({}, { EXCLUDE_NUMBERS }).password.excludeNumbers).toBe(true);
  },
);

test('an empty EXCLUDE_CHARACTERS excludes nothing, and an absent one leaves the engine’s default', () => {
  expect(readSettings({}, { EXCLUDE_CHARACTERS: '' }).password.excludeCharacters).toBe('');
  expect(readSettings({}, {}).password.excludeCharacters).toBeUndefined();
});

test('an option in code comes before the environment', () => {
  const env = { PASSWORD_LENGTH: '40', FAILED_LOGIN_LIMIT: '9' };
  expect(readSettings({ password: { passwordLength: 20 }, failedLoginLimit: 2 }, env)).toMatchObject({
    password: { passwordLength: 20 },
    failedLoginLimit: 2,
  });
});

test('every wrong variable is named in one error, without its value', () => {
  const env = {
    PASSWORD_LENGTH: 'marker',
    EXCLUDE_NUMBERS: 'marker',
    PASSWORD_SOURCE: 'marker',
    CONNECT_TIMEOUT_MS: '0',
  };
  let error: unknown;
  try {
    readSettings({}, env);
  } catch (caught) {
    error = caught;
  }
  expect(error).toMatchObject({ code: 'invalid-configuration' });
  for (const name of Object.keys(env)) expect(String(error)).toContain(name);
  expect(String(error)).not.toContain('marker');
});
