import { Password } from '@keyturn/core';
import { failureOf, limits, loginTo, markedPassword, recordOutput } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { hashOf } from '../service/hash-of.ts';
import { type RunningRedis, startRedis } from '../service/index.ts';
import { testUser } from '../service/test-user.ts';
import { redis } from './index.ts';

let server: RunningRedis;
const user = testUser(() => server);

beforeAll(async () => {
  server = await startRedis({ settings: { 'slowlog-max-len': '1000', 'acllog-max-len': '1000' } });
});
afterAll(() => server?.stop());
beforeEach(async () => {
  await server.command('SLOWLOG', 'RESET');
  await server.command('ACL', 'LOG', 'RESET');
});

/** The server's log at the level debug, what MONITOR shows, SLOWLOG with every command in it, and ACL LOG. */
async function everything(): Promise<string> {
  const slow = JSON.stringify(await server.command('SLOWLOG', 'GET', '1000'));
  const acl = JSON.stringify(await server.command('ACL', 'LOG', '1000'));
  const shown = [server.log(), slow, acl].join('\n');
  recordOutput(shown);
  return shown;
}

test('no log of the server holds a password or its hash, whether a change succeeds or fails', async () => {
  const [first, second, third] = [markedPassword(), markedPassword(), markedPassword()];
  await user.make([first]);
  await user.forms[0]?.run(first, second);
  await user.forms[1]?.run(second, third);
  await failureOf(redis().connect(loginTo(server, 'app', first), limits()));
  await user.make([first], '-acl|setuser');
  await failureOf(user.forms[0]?.run(first, second) ?? Promise.resolve());
  const shown = await everything();
  // What is searched shows the commands that are searched for.
  expect(shown).toContain('["ACL","SETUSER","(redacted)"');
  expect(shown).toContain('"object":"acl|setuser"');
  expect(shown).toContain('"AUTH" "(redacted)"');
  for (const secret of [first, second, third]) {
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain(hashOf(secret));
  }
});

test('the control: what goes over the wire in another way stands there', async () => {
  const password = markedPassword().replace('MARK', 'SHOWN');
  await user.make([password], '+set', '~*');
  await user.asUser(password, (connection) => connection.command(['SET', 'key', password]));
  const shown = [server.log(), JSON.stringify(await server.command('SLOWLOG', 'GET', '1000'))];
  for (const log of shown) expect(log).toContain(password);
});

test('a new password never goes over the wire before it logs in, only its hash does', async () => {
  const [first, second] = [markedPassword(), markedPassword()];
  await user.make([first]);
  const sent: string[] = [];
  await user.asUser(first, async (connection) => {
    const ask = connection.ask.bind(connection);
    connection.ask = (command) => {
      sent.push(...command);
      return ask(command);
    };
    await redis().overlap.addPassword(connection, 'app', new Password(second), new Password(first));
  });
  expect(sent).toContain(`#${hashOf(second)}`);
  expect(sent.join(' ')).not.toContain(second);
  expect(sent.join(' ')).not.toContain(first);
});

test('a user that may do nothing logs in, and the server logs no command that it may not run', async () => {
  const engine = redis();
  await user.make(['first'], '-@all');
  await server.command('ACL', 'LOG', 'RESET');
  await user.asUser('first', async (connection) => {
    expect(await server.command('ACL', 'LOG')).toEqual([]);
    // The control: whatever else is asked stands there, and still proves the login.
    await engine.ping(connection);
  });
  expect(JSON.stringify(await server.command('ACL', 'LOG'))).toContain('"object":"ping"');
});
