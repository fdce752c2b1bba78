import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { hasCode, quoted, RotationError, remedies } from './errors.ts';

test('the message says what, where, who, with which credential, and what to do', () => {
  const error = new RotationError('login-failed', {
    message: 'the password was refused',
    user: 'app',
    endpoint: 'db:5432',
    stage: 'AWSCURRENT',
    driverCode: '28P01',
  }).with({ step: 'setSecret' });
  expect(error.message).toBe(
    '[login-failed] setSecret: the password was refused, user "app" at db:5432 with AWSCURRENT (28P01). ' +
      'Check that the password in the secret is the one that the database has.',
  );
});

test('context that is added later does not replace what was known at the start, and the stack stays', () => {
  const first = new RotationError('login-failed', { message: 'm', stage: 'AWSPENDING' });
  const later = first.with({ stage: 'AWSCURRENT', step: 'testSecret' });
  expect([later.stage, later.step, later.code]).toEqual(['AWSPENDING', 'testSecret', 'login-failed']);
  expect(later.stack?.split('\n').slice(1)).toEqual(first.stack?.split('\n').slice(1));
  expect(later.stack).toContain(later.message);
});

test('an error has no cause and nothing enumerable besides its details', () => {
  const error = new RotationError('statement-failed', { message: 'm' });
  expect('cause' in error).toBe(false);
  expect(Object.keys(JSON.parse(JSON.stringify(error)))).toEqual(['code', 'message', 'remedy']);
  expect(inspect(error, { depth: null })).not.toContain('cause');
});

test.each(['a"b', 'line\nbreak', '\u001b[31mred', 'back\\slash', '🦊'.repeat(300)])(
  'a name in a message breaks no line: %j',
  (user) => {
    const { message } = new RotationError('login-failed', { message: 'm', user });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(message).not.toMatch(/[\u0000-\u001f]/);
    expect(quoted(user).length).toBeLessThan(500);
  },
);

test('every code has a remedy that is a sentence', () => {
  for (const remedy of Object.values(remedies)) expect(remedy).toMatch(/^[A-Z].*\.$/);
});

test('hasCode tells by the code, not by the text', () => {
  const error = new RotationError('account-locked', { message: 'login-failed' });
  expect(hasCode(error, 'account-locked', 'login-failed')).toBe(true);
  expect(hasCode(error, 'login-failed')).toBe(false);
  expect(hasCode(new Error('account-locked'), 'account-locked')).toBe(false);
});
