import { Password } from '@keyturn/core';
import { recordSecret } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningOracle, startOracle } from '../service/index.ts';
import { failureOf, limits, loginTo } from '../service/test-logins.ts';
import { oracle } from './index.ts';

const engine = oracle({ overlap: true });
const [first, second, third] = ['taint-Overlap-one', 'taint-Overlap-two', 'taint-Overlap-three'] as const;
let server: RunningOracle;
let count = 0;
let user = '';

beforeAll(async () => {
  for (const password of [first, second, third]) recordSecret(password);
  server = await startOracle('19c');
  server.sql('CREATE PROFILE rolling LIMIT PASSWORD_ROLLOVER_TIME 1');
});
afterAll(() => server?.stop());
beforeEach(async () => {
  count += 1;
  user = `app_${count}`;
  await server.createUser(user, first);
  server.sql(`ALTER USER ${user} PROFILE rolling`);
});

type By = 'user' | 'master';

async function add(by: By, next: string, keep: string): Promise<void> {
  const { administrator } = server;
  const login =
    by === 'user' ? loginTo(server, user, keep) : loginTo(server, administrator.username, administrator.password);
  const connection = await engine.connect(login, limits());
  try {
    await engine.overlap.addPassword(connection, user, new Password(next), new Password(keep));
  } finally {
    await engine.close(connection);
  }
}

/** Those of the three that the server takes. */
async function good(): Promise<readonly string[]> {
  const taken = await Promise.all([first, second, third].map((password) => server.hasPassword(user, password)));
  return [first, second, third].filter((_password, index) => taken[index]);
}

const refused = async () => (await server.refusedLogins?.(user)) ?? 0;

describe.each(['user', 'master'] as const)('changed by the %s', (by) => {
  beforeEach(() => {
    // Who changes its own password ends a rollover only so.
    if (by === 'user') server.sql(`GRANT ALTER USER TO ${user}`);
  });

  test('a password beside the first: both log in', async () => {
    await add(by, second, first);
    expect(await good()).toEqual([first, second]);
    expect(await server.logsIn(user, first)).toBe(true);
    expect(await server.logsIn(user, second)).toBe(true);
  });

  test('done again, it is as it was, and no login was refused', async () => {
    await add(by, second, first);
    await add(by, second, first);
    expect(await good()).toEqual([first, second]);
    expect(await refused()).toBe(0);
  });

  test('a third ends the first, whichever of the two is kept, and no login was refused', async () => {
    await add(by, second, first);
    await add(by, third, second);
    expect(await good()).toEqual([second, third]);
    await add(by, first, second);
    expect(await good()).toEqual([first, second]);
    expect(await refused()).toBe(0);
  });

  test('the one in use stays though the other was never promoted', async () => {
    await add(by, second, first);
    await add(by, third, first);
    expect(await good()).toEqual([first, third]);
  });

  test('the one to keep alone, where it is the next one', async () => {
    await add(by, second, first);
    await add(by, second, second);
    expect(await good()).toEqual([second]);
  });

  test('there is no moment at which the one to keep does not log in', async () => {
    await add(by, second, first);
    const seen: boolean[] = [];
    const change = server.model.users.get(user.toUpperCase());
    // Whatever the server sets, the one to keep is among what it takes.
    const verifier = { value: change?.verifier, times: 0 };
    Object.defineProperty(change ?? {}, 'verifier', {
      configurable: true,
      enumerable: true,
      get: () => verifier.value,
      set(value) {
        verifier.value = value;
        verifier.times += 1;
        queueMicrotask(() => void server.hasPassword(user, second).then((has) => seen.push(has)));
      },
    });
    await add(by, third, second);
    expect(verifier.times).toBe(2);
    expect(seen).toEqual([true, true]);
  });

  test('a profile that lets no password be set again: done again, it is seen that all is done', async () => {
    server.sql('CREATE PROFILE remembering LIMIT PASSWORD_ROLLOVER_TIME 1 PASSWORD_REUSE_MAX 5');
    server.sql(`ALTER USER ${user} PROFILE remembering`);
    try {
      await add(by, second, first);
      await add(by, second, first);
      expect(await good()).toEqual([first, second]);
      // What cannot be told apart is not touched.
      const failure = await failureOf(add(by, third, second));
      expect(failure).toMatchObject({ code: 'invalid-configuration' });
      expect(failure.remedy).toContain('PASSWORD_ROLLOVER_TIME');
      expect(await good()).toEqual([first, second]);
    } finally {
      server.sql(`ALTER USER ${user} PROFILE rolling`);
      server.model.profiles.delete('REMEMBERING');
    }
  });

  test('when the rollover is over by itself, nothing has to be ended', async () => {
    await add(by, second, first);
    const { now } = server.model;
    server.model.now = () => now() + 2 * 86_400_000;
    try {
      await add(by, third, second);
      expect(await good()).toEqual([second, third]);
    } finally {
      server.model.now = now;
    }
  });

  test('a profile without PASSWORD_ROLLOVER_TIME is an error before anything is changed', async () => {
    server.sql(`ALTER USER ${user} PROFILE "DEFAULT"`);
    const failure = await failureOf(add(by, second, first));
    expect(failure).toMatchObject({ code: 'invalid-configuration', user });
    expect(failure.remedy).toContain('PASSWORD_ROLLOVER_TIME');
    expect(await good()).toEqual([first]);
  });
});

test('a user that may not end the rollover is told so, and keeps both passwords', async () => {
  await add('user', second, first);
  // The control of the way out: what is done already needs no right.
  await add('user', second, first);
  const failure = await failureOf(add('user', third, second));
  expect(failure).toMatchObject({ code: 'missing-privilege', user });
  expect(failure.remedy).toContain('PASSWORD_CHANGED_BY=master');
  expect(await good()).toEqual([first, second]);
});

test('without the option there is no overlap', () => {
  expect(oracle().overlap).toBeUndefined();
});
