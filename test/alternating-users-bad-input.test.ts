import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { alternatingUsers, type ErrorCode, type Strategy } from '@keyturn/core';
import type { MemoryDatabase } from '@keyturn/engine-conformance';
import { describe, expect, test } from 'vitest';
import { type BenchOptions, goodSecret, masterSecret, RotationBench } from './rotation-bench.ts';

const strategy = (database: MemoryDatabase): Strategy => alternatingUsers(database.engine());

async function make(options: BenchOptions = {}): Promise<RotationBench> {
  const bench = await RotationBench.make({ strategy, ...options });
  for (const right of ['SELECT ON orders', 'INSERT ON orders']) bench.database.users.get('app')?.rights.add(right);
  return bench;
}

function rightsOf(bench: RotationBench, user: string): string[] {
  return [...(bench.database.users.get(user)?.rights ?? [])].sort();
}

describe('bad input, one clear error each', () => {
  async function refusal(bench: RotationBench, ...before: ('createSecret' | 'setSecret')[]) {
    const step = before.at(-1) ?? 'createSecret';
    for (const name of before.slice(0, -1)) await bench.step(name);
    const state = await bench.everything();
    const error = await bench.step(step).then(
      () => undefined,
      (thrown: Error & { code: ErrorCode; remedy: string }) => thrown,
    );
    expect(await bench.everything(), 'nothing may have changed').toEqual(state);
    return error;
  }

  const atCreate: [string, ErrorCode, BenchOptions][] = [
    ['no master ARN anywhere', 'master-secret-missing', { function: { masterSecretArn: undefined } }],
    [
      'a second name that is too long in bytes',
      'twin-name-too-long',
      { text: JSON.stringify({ ...goodSecret, username: 'ü'.repeat(29) }) },
    ],
    [
      'a second name that is too long in characters',
      'twin-name-too-long',
      { text: JSON.stringify({ ...goodSecret, username: 'n'.repeat(35) }) },
    ],
    [
      "longer than the limit that AWS's variable sets",
      'twin-name-too-long',
      { function: { env: { USERNAME_CHARACTER_LIMIT: '8' } } },
    ],
    [
      'a suffix that is empty',
      'invalid-configuration',
      { strategy: (database) => alternatingUsers(database.engine(), { suffix: '' }) },
    ],
    [
      'two names that are one',
      'invalid-configuration',
      { strategy: (database) => alternatingUsers(database.engine(), { users: ['app', 'app'] }) },
    ],
    [
      'two names of which the secret names neither',
      'invalid-configuration',
      { strategy: (database) => alternatingUsers(database.engine(), { users: ['blue', 'green'] }) },
    ],
    [
      'an engine without alternating users',
      'invalid-configuration',
      {
        strategy: (database) => {
          const { admin: _, ...engine } = database.engine();
          return alternatingUsers(engine);
        },
      },
    ],
  ];

  test.each(atCreate)('before anything is written: %s', async (_name, code, options) => {
    const bench = await make(options);
    expect((await refusal(bench))?.code).toBe(code);
    expect(bench.database.log).toEqual([]);
  });

  test.each(['by name', 'by ARN'])(
    'the secret names itself as its master, %s: before anything is written',
    async (how) => {
      const bench = await make({ function: { masterSecretArn: 'app' } });
      if (how === 'by ARN') {
        const secret = { ...goodSecret, masterarn: bench.secretId };
        await bench.person.send(
          new PutSecretValueCommand({ SecretId: bench.secretId, SecretString: JSON.stringify(secret) }),
        );
        await bench.begin();
      }
      expect((await refusal(bench))?.code).toBe('user-is-master');
    },
  );

  const atSet: [string, ErrorCode, BenchOptions][] = [
    [
      'a master for another host',
      'service-mismatch',
      { master: JSON.stringify({ ...masterSecret, host: 'other.example' }) },
    ],
    ['a master for another port', 'service-mismatch', { master: JSON.stringify({ ...masterSecret, port: 2 }) }],
    [
      'a master that is the user itself',
      'user-is-master',
      { master: JSON.stringify({ ...masterSecret, username: 'app', password: goodSecret.password }) },
    ],
    [
      'a master that is the second user',
      'user-is-master',
      { master: JSON.stringify({ ...masterSecret, username: 'app_clone' }) },
    ],
    ['a master secret that is no JSON', 'secret-not-json', { master: 'plain' }],
    [
      'a master whose password is wrong',
      'login-failed',
      { master: JSON.stringify({ ...masterSecret, password: 'wrong-password' }) },
    ],
  ];

  test.each(atSet)('before the database is changed: %s', async (_name, code, options) => {
    const bench = await make(options);
    const error = await refusal(bench, 'createSecret', 'setSecret');
    expect(error?.code).toBe(code);
    expect(bench.database.log.filter((entry) => /clone|reset|change/.test(entry))).toEqual([]);
  });

  test.each([
    ['a stranger', { username: 'somebody' }, 'user-mismatch'],
    ['the user in use itself', {}, 'user-mismatch'],
    ['the other user at another host', { username: 'app_clone', host: 'other.example' }, 'service-mismatch'],
  ])('AWSPENDING was written by somebody else and names %s', async (_name, change, code) => {
    const bench = await make();
    await bench.person.send(
      new PutSecretValueCommand({
        SecretId: bench.secretId,
        ClientRequestToken: bench.token,
        SecretString: JSON.stringify({ ...goodSecret, ...change }),
        VersionStages: ['AWSPENDING'],
      }),
    );
    expect((await refusal(bench, 'setSecret'))?.code).toBe(code);
    expect(bench.database.log).toEqual([]);
  });

  test('the second name is taken by a user that is not the twin: it keeps its password', async () => {
    const bench = await make();
    bench.database.add('app_clone', 'of-a-stranger');
    const error = await refusal(bench, 'createSecret', 'setSecret');
    expect(error?.code).toBe('twin-name-taken');
    expect(bench.database.users.get('app_clone')?.passwords).toEqual(['of-a-stranger']);
  });

  test.each(['AWSPREVIOUS', 'no label'])(
    'a user that a version with %s names is the twin, whatever the server knows',
    async (label) => {
      const bench = await make();
      await bench.steps('createSecret', 'setSecret');
      if (label === 'AWSPREVIOUS') {
        await bench.steps('testSecret', 'finishSecret');
        await bench.begin();
        await bench.rotate();
      } else {
        await bench.takePendingOff();
      }
      // As when the second user was made by AWS's function: nothing on the server shows whose twin it is.
      bench.database.add('app_clone', 'whatever-it-was', 'SELECT ON orders');
      await bench.begin();
      bench.restart();
      await bench.rotate();
      expect(await bench.value()).toMatchObject({ username: 'app_clone' });
      expect(rightsOf(bench, 'app_clone')).toEqual(['INSERT ON orders', 'SELECT ON orders']);
    },
  );
});
