import type { ErrorCode } from '@keyturn/core';
import { describe, expect, test } from 'vitest';
import type { StoredKey } from '../testing/account.ts';
import { begun } from '../testing/begun-world.ts';

describe('createSecret refuses with one clear error, and changes nothing', () => {
  const json =
    (change: object) =>
    ({ id, secret }: StoredKey): string =>
      JSON.stringify({ AccessKeyId: id, SecretAccessKey: secret, ...change });
  const cases: [name: string, code: ErrorCode, says: string, text: (key: StoredKey) => string][] = [
    ['plain text', 'secret-not-json', 'not JSON', ({ secret }) => secret],
    ['no keys', 'invalid-secret', 'AccessKeyId is missing, SecretAccessKey is missing', () => '{}'],
    ['a number as id', 'invalid-secret', 'AccessKeyId is not a string', json({ AccessKeyId: 1 })],
    ['an empty secret', 'invalid-secret', 'SecretAccessKey is empty', json({ SecretAccessKey: '' })],
    ['an id that is none', 'invalid-secret', 'no id of a credential', json({ AccessKeyId: 'AKIA\r\nX-Evil: 1' })],
    ['an id too short', 'invalid-secret', 'no id of a credential', json({ AccessKeyId: 'AKIA' })],
    ['a session’s key', 'invalid-secret', 'key of a session', json({ AccessKeyId: 'ASIAABCDEFGHIJKLMNOP' })],
    ['an unknown key', 'login-failed', 'unknown, inactive', json({ AccessKeyId: 'AKIAABCDEFGHIJKLMNOP' })],
    ['a wrong secret', 'login-failed', 'is not the one', json({ SecretAccessKey: 'x'.repeat(40) })],
    ['another user’s name', 'user-mismatch', 'another user', json({ UserName: 'somebody-else' })],
    ['a name that is no string', 'invalid-secret', 'UserName is not a string', json({ UserName: 7 })],
  ];

  test.each(cases)('%s', async (_, code, says, secretText) => {
    const world = await begun({ secretText });
    const keys = structuredClone(world.user.keys.map(({ id, active, deleted }) => ({ id, active, deleted })));
    await expect(world.step('createSecret')).rejects.toMatchObject({
      code,
      step: 'createSecret',
      stage: 'AWSCURRENT',
      message: expect.stringContaining(says),
    });
    expect(world.user.keys.map(({ id, active, deleted }) => ({ id, active, deleted }))).toEqual(keys);
    expect((await world.values()).has(world.token)).toBe(false);
  });

  test('the root user’s key', async () => {
    const world = await begun();
    const root = world.account.addRootKey();
    await world.put({ AccessKeyId: root.id, SecretAccessKey: root.secret });
    await world.begin();
    await expect(world.step('createSecret')).rejects.toMatchObject({
      code: 'invalid-secret',
      message: expect.stringContaining('root user'),
    });
  });

  test('a user of another account, though one of the same name is in the function’s', async () => {
    const world = await begun();
    // STS answers for both accounts, IAM for the function's own: the names are equal, the keys are not.
    const foreign = world.account.addUser('other');
    const key = world.account.addKey(foreign);
    world.account.users.set('other', { ...foreign, name: 'app', arn: 'arn:aws:iam::999999999999:user/app' });
    await world.put({ AccessKeyId: key.id, SecretAccessKey: key.secret });
    await world.begin();
    await expect(world.step('createSecret')).rejects.toMatchObject({ code: 'credential-unknown' });
    expect(world.account.live(world.user)).toHaveLength(1);
    expect(world.user.keys).toHaveLength(1);
  });
});
