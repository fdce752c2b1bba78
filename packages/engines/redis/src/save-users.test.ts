import { chmodSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Password } from '@keyturn/core';
import { failureOf } from '@keyturn/engine-conformance';
import { afterEach, describe, expect, test } from 'vitest';
import { hashOf } from '../service/hash-of.ts';
import { type RedisServerOptions, type RunningRedis, startRedis } from '../service/index.ts';
import { testUser } from '../service/test-user.ts';
import { redis } from './index.ts';

let server: RunningRedis;
const user = testUser(() => server);
const start = async (users: NonNullable<RedisServerOptions['users']>) => {
  server = await startRedis({ users });
  const { username } = server.administrator;
  await server.command('ACL', 'SETUSER', username, '+config|rewrite');
};
afterEach(() => server?.stop());

describe.each(['acl-file', 'configuration-file'] as const)('a server with its users in the %s', (users) => {
  test('has the new password after it was killed and started again', async () => {
    await start(users);
    for (const { name, keeps, run } of user.forms) {
      await user.make(['first'], '+config|rewrite', '~app:*');
      const rule = words(await user.rule());
      await run('first', 'second');
      await server.restart();
      expect([name, await user.loggingIn('first', 'second')]).toEqual([name, keeps ? ['first', 'second'] : ['second']]);
      expect(words(await user.rule())).toEqual(rule);
    }
    // The control: a change that is not saved is gone.
    await user.forms[3]?.run('second', 'third', { saveUsers: false });
    expect(await user.loggingIn('third')).toEqual(['third']);
    await server.restart();
    expect(await user.loggingIn('third')).toEqual([]);
  });

  test('has it also where a change was made and not saved, and is made again', async () => {
    await start(users);
    await user.make(['first'], '+config|rewrite');
    await user.forms[0]?.run('first', 'second', { saveUsers: false });
    await user.forms[0]?.run('first', 'second');
    await server.restart();
    expect(await user.loggingIn('first', 'second')).toEqual(['first', 'second']);
  });

  test('that cannot write it keeps its passwords, and the error says so', async () => {
    await start(users);
    const file = server.usersFile ?? '';
    for (const { run } of user.forms) {
      await user.make(['first'], '+config|rewrite');
      const before = await server.ruleOf('app');
      chmodSync(file, 0o400);
      chmodSync(dirname(file), 0o500);
      const failure = await failureOf(run('first', 'second')).finally(() => {
        chmodSync(dirname(file), 0o700);
        chmodSync(file, 0o600);
      });
      expect(failure).toMatchObject({ code: 'statement-failed', driverCode: 'ERR', user: expect.any(String) });
      expect(failure.message).toMatch(/cannot write its (ACL|configuration) file/);
      expect(await server.ruleOf('app')).toBe(before);
    }
  });
});

test('a server with neither file keeps its passwords, and the error says what to do', async () => {
  await start('memory');
  for (const { run } of user.forms) {
    await user.make(['first'], '+config|rewrite');
    const failure = await failureOf(run('first', 'second'));
    expect(failure).toMatchObject({ code: 'statement-failed', user: 'app' });
    expect(failure.remedy).toContain('saveUsers');
    expect(await user.loggingIn('first', 'second')).toEqual(['first']);
    await run('first', 'second', { saveUsers: false });
    expect(await user.loggingIn('second')).toEqual(['second']);
  }
});

test('without the right to CONFIG REWRITE nothing is changed', async () => {
  await start('configuration-file');
  await user.make(['first']);
  const failure = await failureOf(user.forms[0]?.run('first', 'second') ?? Promise.resolve());
  expect(failure).toMatchObject({ code: 'missing-privilege', driverCode: 'NOPERM' });
  expect(failure.remedy).toContain('ACL SETUSER "app" +config|rewrite');
  expect(await user.loggingIn('first', 'second')).toEqual(['first']);
});

test.each([
  ['name', "o'brien", []],
  ['name', '"quoted', []],
  ['keys', 'of_keys', ['~"a']],
  ['keys', 'apostrophe', ["~a'"]],
  ['channels', 'of_channels', ['&"a']],
  ['selectors', 'of_selectors', ['(~"\\"a" +get)']],
])('a quote in the %s of a user is not written to the configuration file', async (_where, name, rules) => {
  await start('configuration-file');
  await server.command('ACL', 'SETUSER', name, 'on', `#${hashOf('first')}`, ...rules);
  const failure = await failureOf(
    user.asMaster((master) => redis().admin.resetPassword(master, name, new Password('second'))),
  );
  expect(failure).toMatchObject({ code: 'statement-failed', user: name });
  expect(failure.remedy).toContain('aclfile');
  expect(readFileSync(server.usersFile ?? '', 'utf8')).not.toContain(name);
  await server.restart();
});

test('the control: the server cannot start from a configuration file that it wrote with a quote', async () => {
  await start('configuration-file');
  await server.command('ACL', 'SETUSER', "o'brien", 'on', `#${hashOf('first')}`);
  await server.command('CONFIG', 'REWRITE');
  await expect(server.restart()).rejects.toThrow('Unbalanced quotes');
});

/** A server that reads its users lists the rights of one in an order of its own. */
function words(rule: string | undefined): readonly string[] {
  return rule?.split(' ').toSorted() ?? [];
}
