import { alternatingUsers, type Strategy, steps } from '@keyturn/core';
import type { MemoryDatabase } from '@keyturn/engine-conformance';
import { describe, expect, test } from 'vitest';
import { type BenchOptions, goodSecret, RotationBench } from './rotation-bench.ts';

const strategy = (database: MemoryDatabase): Strategy => alternatingUsers(database.engine());

async function make(options: BenchOptions = {}): Promise<RotationBench> {
  const bench = await RotationBench.make({ strategy, ...options });
  for (const right of ['SELECT ON orders', 'INSERT ON orders']) bench.database.users.get('app')?.rights.add(right);
  return bench;
}

function rightsOf(bench: RotationBench, user: string): string[] {
  return [...(bench.database.users.get(user)?.rights ?? [])].sort();
}

function logsIn(bench: RotationBench, { username, password }: Record<string, unknown>): boolean {
  return bench.database.users.get(String(username))?.passwords.includes(String(password)) ?? false;
}

describe('two users take turns', () => {
  test('the second user is made with the rights of the first, then they alternate; the previous credential goes on', async () => {
    const bench = await make();
    await bench.rotate();
    const first = await bench.value();
    expect(first).toMatchObject({
      ...goodSecret,
      username: 'app_clone',
      password: expect.not.stringMatching(/^first/),
    });
    expect(rightsOf(bench, 'app_clone')).toEqual(['INSERT ON orders', 'SELECT ON orders']);
    expect(logsIn(bench, goodSecret)).toBe(true);
    for (const username of ['app', 'app_clone', 'app']) {
      const previous = await bench.value();
      await bench.begin();
      await bench.rotate();
      const current = await bench.value();
      expect(current.username).toBe(username);
      expect(logsIn(bench, current)).toBe(true);
      expect(logsIn(bench, previous)).toBe(true);
    }
  });

  test('rights given to and taken from the user in use are those of the other after the next rotation', async () => {
    const bench = await make();
    await bench.rotate();
    const rights = bench.database.users.get('app_clone')?.rights;
    rights?.delete('INSERT ON orders');
    rights?.add('DELETE ON orders');
    await bench.begin();
    await bench.rotate();
    expect(await bench.value()).toMatchObject({ username: 'app' });
    expect(rightsOf(bench, 'app')).toEqual(['DELETE ON orders', 'SELECT ON orders']);
  });

  test.each(steps)('%s twice equals once', async (step) => {
    const bench = await make();
    for (const name of steps) {
      await bench.step(name);
      if (name === step) await bench.step(name);
    }
    expect(logsIn(bench, await bench.value())).toBe(true);
    for (const name of steps) await bench.step(name);
    expect(await bench.value()).toMatchObject({ username: 'app_clone' });
  });

  test('each step by a process that remembers nothing', async () => {
    const bench = await make();
    for (const name of steps) {
      bench.restart();
      await bench.step(name);
    }
    expect(logsIn(bench, await bench.value())).toBe(true);
  });

  test('both names may be given, in place of a suffix', async () => {
    const bench = await make({
      strategy: (database) => alternatingUsers(database.engine(), { users: ['blue', 'app'] }),
    });
    bench.database.add('blue', 'whatever-it-was');
    await bench.step('createSecret');
    // Nobody knows the user blue to be of this secret: it is not taken over.
    await expect(bench.step('setSecret')).rejects.toMatchObject({ code: 'twin-name-taken', user: 'blue' });
    bench.database.users.delete('blue');
    await bench.steps('setSecret', 'testSecret', 'finishSecret');
    expect(await bench.value()).toMatchObject({ username: 'blue' });
  });

  test('another suffix, by option or variable', async () => {
    for (const { naming, env } of [
      { naming: { suffix: '-2' }, env: {} },
      { naming: {}, env: { TWIN_SUFFIX: '-2' } },
    ]) {
      const bench = await make({
        strategy: (database) => alternatingUsers(database.engine(), naming),
        function: { env },
      });
      await bench.rotate();
      expect(await bench.value()).toMatchObject({ username: 'app-2' });
    }
  });

  test('a second user that somebody else made is used as it is when the option says so', async () => {
    const bench = await make({
      strategy: (database) => alternatingUsers(database.engine(), { twin: 'given' }),
    });
    bench.database.add('app_clone', 'whatever-it-was', 'SELECT ON orders');
    await bench.rotate();
    expect(await bench.value()).toMatchObject({ username: 'app_clone' });
    expect(rightsOf(bench, 'app_clone')).toEqual(['SELECT ON orders']);
    expect(bench.database.log).not.toContain('clone app_clone');
  });
});

describe('nothing is promoted whose rights differ', () => {
  /** An engine that forgets one right, as an engine with a fault would. */
  function forgetful(database: MemoryDatabase, compares: boolean): Strategy {
    const engine = database.engine();
    const { admin } = engine;
    if (admin?.twins === undefined) throw new Error('the memory engine has twins');
    const { twins } = admin;
    return alternatingUsers({
      ...engine,
      admin: {
        ...admin,
        twins: {
          async cloneUser(connection, pair) {
            const report = await twins.cloneUser(connection, pair);
            database.users.get(pair.next)?.rights.delete('SELECT ON orders');
            return report;
          },
          comparePrivileges: compares ? twins.comparePrivileges : async () => [],
        },
      },
    });
  }

  test('setSecret fails, names each difference, and the user has no new password', async () => {
    const bench = await make({ strategy: (database) => forgetful(database, true) });
    await bench.step('createSecret');
    await expect(bench.step('setSecret')).rejects.toMatchObject({
      code: 'privileges-differ',
      message: expect.stringContaining('app_clone lacks SELECT ON orders'),
    });
    expect(bench.database.users.get('app_clone')?.passwords).toEqual([]);
    await expect(bench.step('testSecret')).rejects.toMatchObject({ code: 'login-failed' });
    expect(await bench.value()).toMatchObject({ username: 'app' });
  });

  test('the control: without the comparison the user with too few rights is promoted', async () => {
    const bench = await make({ strategy: (database) => forgetful(database, false) });
    await bench.rotate();
    expect(await bench.value()).toMatchObject({ username: 'app_clone' });
    expect(rightsOf(bench, 'app_clone')).toEqual(['INSERT ON orders']);
  });
});

describe('the master does nothing for whoever cannot log in as the user in use', () => {
  const wrong = { ...goodSecret, password: 'not-the-password' };

  test('AWSCURRENT is refused: the master clones nobody and resets nothing', async () => {
    const bench = await make({ text: JSON.stringify(wrong) });
    await bench.step('createSecret');
    await expect(bench.step('setSecret')).rejects.toMatchObject({ code: 'login-failed', user: 'app' });
    expect(bench.database.log.filter((entry) => !entry.startsWith('refuse'))).toEqual(['connect master']);
    expect(bench.database.users.has('app_clone')).toBe(false);
  });

  test('the control: with the right password, it does', async () => {
    const bench = await make();
    await bench.steps('createSecret', 'setSecret');
    expect(bench.database.log).toEqual(
      expect.arrayContaining(['connect app', 'connect master', 'clone app_clone', 'reset app_clone']),
    );
    const [clone, connect] = ['clone app_clone', 'connect app'].map((entry) => bench.database.log.indexOf(entry));
    expect(connect).toBeLessThan(clone ?? -1);
  });

  test('an older version that logs in as the same user shows it too', async () => {
    const bench = await make();
    await bench.rotate();
    await bench.begin();
    await bench.rotate();
    // A restored database: app has the password that an older version holds.
    bench.database.add('app', goodSecret.password);
    await bench.begin();
    await bench.rotate();
    expect(await bench.value()).toMatchObject({ username: 'app_clone' });
  });
});
