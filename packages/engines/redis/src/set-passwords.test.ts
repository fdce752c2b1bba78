import { Password } from '@keyturn/core';
import { failureOf, limits, loginTo, recordSecret } from '@keyturn/engine-conformance';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashOf } from '../service/hash-of.ts';
import { type RunningRedis, startRedis } from '../service/index.ts';
import { ownRights, testUser } from '../service/test-user.ts';
import { redis } from './index.ts';
import { longestUsername } from './username.ts';

const engine = redis();
const seed = Math.floor(Math.random() * 2 ** 31);
let server: RunningRedis;
const user = testUser(() => server);

beforeAll(async () => {
  console.log(`fast-check seed ${seed}`);
  server = await startRedis();
});
afterAll(() => server?.stop());

describe.each(user.forms)('a password $name', ({ keeps, run }) => {
  test('logs in, and of the others only the one that stays', async () => {
    await user.make(['first', 'old', 'older']);
    await run('first', 'second');
    expect(await user.loggingIn('first', 'second', 'old', 'older')).toEqual(keeps ? ['first', 'second'] : ['second']);
  });

  test('logs in when the same is asked for again', async () => {
    await user.make(['first']);
    await run('first', 'second');
    const rule = await server.ruleOf('app');
    await run(keeps ? 'first' : 'second', 'second');
    expect(await server.ruleOf('app')).toBe(rule);
    expect(await user.loggingIn('first', 'second')).toEqual(keeps ? ['first', 'second'] : ['second']);
  });

  test('leaves all else of the user as it is', async () => {
    for (const rules of [
      ['~app:*', '%R~read:*', '%W~"quoted', '&news.*', '+@read', '-get', '+config|get', '(~b:* +get)', '(%R~c +set)'],
      ['allkeys', 'allchannels', '+@all', 'skip-sanitize-payload'],
      ['resetchannels', '+@all', '-@dangerous', ...ownRights],
    ]) {
      await user.make(['first', 'old'], ...rules);
      const before = await user.rule();
      await run('first', 'second');
      expect(await user.rule()).toBe(before);
      expect(before).toContain(rules.at(-1)?.replace(/^allchannels$|^\(.*\)$/, '') ?? '');
    }
  });

  test('is refused for a user that takes any, which stays as it is', async () => {
    await user.make([], 'nopass');
    const before = await server.ruleOf('app');
    expect(await failureOf(run('first', 'second'))).toMatchObject({ code: 'auth-method-unsupported', user: 'app' });
    expect(await server.ruleOf('app')).toBe(before);
    expect(before).toContain('nopass');
  });
});

test('two rotations: the third password ends the first', async () => {
  await user.make(['first']);
  const [added] = user.forms;
  await added?.run('first', 'second');
  await added?.run('second', 'third');
  expect(await user.loggingIn('first', 'second', 'third')).toEqual(['second', 'third']);
});

test('a password that is added to itself stays alone', async () => {
  await user.make(['first', 'second']);
  await user.forms[0]?.run('second', 'second');
  expect(await user.loggingIn('first', 'second')).toEqual(['second']);
});

test('sessions that are logged in stay so', async () => {
  await user.make(['first'], '+ping');
  await user.asUser('first', async (connection) => {
    await user.asMaster((master) => engine.admin.resetPassword(master, 'app', new Password('second')));
    await engine.ping(connection);
  });
});

test('a user is never made', async () => {
  await user.asMaster(async (master) => {
    for (const attempt of [
      () => engine.admin.resetPassword(master, 'nobody', new Password('second')),
      () => engine.overlap.addPassword(master, 'nobody', new Password('second'), new Password('first')),
    ]) {
      expect(await failureOf(attempt())).toMatchObject({ code: 'invalid-secret', user: 'nobody' });
    }
  });
  expect(await server.ruleOf('nobody')).toBeUndefined();
});

test('a user that is dropped at the moment of the change cannot log in and is reported', async () => {
  await user.make(['first']);
  await user.asMaster(async (master) => {
    const command = master.command.bind(master);
    // Between the look at the user and the change.
    master.command = async (args) => {
      if (args[1] === 'SETUSER') await server.command('ACL', 'DELUSER', 'app');
      return command(args);
    };
    const failure = await failureOf(engine.admin.resetPassword(master, 'app', new Password('second')));
    expect(failure).toMatchObject({ code: 'invalid-secret', user: 'app' });
    expect(failure.remedy).toContain('ACL DELUSER');
  });
  expect(await user.loggingIn('first', 'second')).toEqual([]);
  expect(await user.rule()).toMatch(/^user app off .*-@all$/);
});

test('a change by somebody else at the same moment is reported', async () => {
  await user.make(['first']);
  await user.asMaster(async (master) => {
    const command = master.command.bind(master);
    master.command = async (args) => {
      const reply = await command(args);
      if (args[1] === 'SETUSER') await server.command('ACL', 'SETUSER', 'app', `#${hashOf('theirs')}`);
      return reply;
    };
    const failure = await failureOf(engine.admin.resetPassword(master, 'app', new Password('second')));
    expect(failure).toMatchObject({ code: 'statement-failed', user: 'app' });
  });
});

const { characters, maxLength } = engine.passwords;
const passwords = fc.oneof(
  fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength }),
  // What the secret holds today may be anything.
  fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }).filter((text) => text.isWellFormed()),
  fc.constantFrom(characters, ' ', '#', '>x', '"', "'", '\\', '\r\n', '$1\r\n', '~'.repeat(maxLength)),
);

test('every password that may be made or stored logs in', async () => {
  await user.make(['first']);
  let [current, before] = ['first', ''];
  const property = fc.asyncProperty(passwords, async (next) => {
    if (next === current || next === before) return;
    // A short one stands in any output by chance.
    if (next.length >= 20) recordSecret(next);
    await user.forms[0]?.run(current, next);
    expect(await user.loggingIn(current, next)).toEqual([current, next]);
    if (before !== '') expect(await server.hasPassword('app', before)).toBe(false);
    [before, current] = [current, next];
  });
  await fc.assert(property, { seed, numRuns: 30, endOnFailure: true });
});

const names = fc.oneof(
  fc.string({
    unit: fc.constantFrom(...'aZ0"\'\\#>!<~&%*()[]{}|@+-:$,;=é💥\u00a0\u0001\u007f'),
    minLength: 1,
    maxLength: 20,
  }),
  fc.constantFrom('#', '"', "o'brien", '"x', '\\', '%s', '*', '$4', '(x', '+@all', '>x', 'x'.repeat(longestUsername)),
);

test('a user of every name that the server takes rotates, and its name reaches no other user', async () => {
  const property = fc.asyncProperty(names, async (name) => {
    await server.command('ACL', 'SETUSER', name, 'on', `#${hashOf('first')}`, ...ownRights);
    const others = ((await server.command('ACL', 'LIST')) as string[]).filter(
      (line) => !line.startsWith(`user ${name} `),
    );
    const connection = await engine.connect(loginTo(server, name, 'first'), limits());
    await engine.overlap
      .addPassword(connection, name, new Password('second'), new Password('first'))
      .finally(() => engine.close(connection));
    expect([await server.hasPassword(name, 'first'), await server.hasPassword(name, 'second')]).toEqual([true, true]);
    const now = ((await server.command('ACL', 'LIST')) as string[]).filter((line) => !line.startsWith(`user ${name} `));
    expect(now).toEqual(others);
    await server.command('ACL', 'DELUSER', name);
  });
  await fc.assert(property, { seed, numRuns: 25, endOnFailure: true });
});

test.each(['', 'a b', 'a\tb', 'a\nb', 'a\0b', 'a\rb', '\ud800', 'x'.repeat(longestUsername + 1)])(
  'the name %j is refused before anything is sent',
  async (name) => {
    const failure = await failureOf(engine.connect(loginTo({ ...server, port: 1 }, name, 'first'), limits()));
    expect(failure.code).toBe('invalid-secret');
    await user.asMaster(async (master) => {
      const reset = engine.admin.resetPassword(master, name, new Password('second'));
      expect(await failureOf(reset)).toMatchObject({ code: 'invalid-secret' });
    });
  },
);

test('a user name one byte longer would be cut off by the server', async () => {
  const { command } = server;
  const name = 'x'.repeat(longestUsername);
  await command('ACL', 'SETUSER', name, 'on', `#${hashOf('first')}`);
  expect(await server.logsIn(name, 'first')).toBe(true);
  await expect(server.logsIn(`${name}x`, 'first')).rejects.toThrow();
  await command('ACL', 'DELUSER', name);
});
