import {
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { steps } from '@keyturn/core';
import { describe, expect, test } from 'vitest';
import { goodSecret, masterSecret, RotationBench } from './rotation-bench.ts';

const forms = ['user', 'master'] as const;

describe.each(forms)('a rotation in which the password is changed by the %s', (changedBy) => {
  test('ends with the new password in AWSCURRENT and in the database, and keeps every other key', async () => {
    const text = `{ "note" : 1.0, ${JSON.stringify(goodSecret).slice(1, -1)}, "big":12345678901234567890 }`;
    const bench = await RotationBench.make({ changedBy, text });
    await bench.rotate();
    const { password } = await bench.value();
    expect(password).not.toBe(goodSecret.password);
    expect(bench.database.users.get('app')?.passwords[0]).toBe(password);
    expect((await bench.value({ label: 'AWSPREVIOUS' })).password).toBe(goodSecret.password);
    expect(await bench.labels()).toMatchObject({ [bench.token]: ['AWSCURRENT', 'AWSPENDING'] });
  });

  test('every step twice is as good as once', async () => {
    const bench = await RotationBench.make({ changedBy });
    for (const step of steps) {
      await bench.step(step);
      const once = await bench.everything();
      await bench.step(step);
      expect(await bench.everything()).toEqual(once);
    }
    // And the whole rotation again, as after a lost answer to its last step.
    const done = await bench.everything();
    await bench.rotate();
    expect(await bench.everything()).toEqual(done);
  });

  test('a password that the server’s rules refuse takes AWSPENDING off, and the next rotation starts afresh', async () => {
    const bench = await RotationBench.make({ changedBy });
    await bench.step('createSecret');
    bench.database.refusals.push({ on: 'change', code: 'password-refused' });
    await expect(bench.step('setSecret')).rejects.toMatchObject({
      code: 'password-refused',
      remedy: expect.stringContaining('AWSPENDING has been taken off'),
    });
    expect(Object.values(await bench.labels()).flat()).toEqual(['AWSCURRENT']);
    await bench.begin();
    await bench.rotate();
    expect(bench.database.users.get('app')?.passwords[0]).toBe((await bench.value()).password);
  });

  test('any other failure of the statement leaves AWSPENDING where it is', async () => {
    const bench = await RotationBench.make({ changedBy });
    await bench.step('createSecret');
    bench.database.refusals.push({ on: 'change', code: 'connection-lost' });
    await expect(bench.step('setSecret')).rejects.toMatchObject({ code: 'connection-lost' });
    expect(
      Object.values(await bench.labels())
        .flat()
        .sort(),
    ).toEqual(['AWSCURRENT', 'AWSPENDING']);
    await bench.rotate();
  });

  test('a change of another key meanwhile is not undone: the pending version is given up', async () => {
    const bench = await RotationBench.make({ changedBy });
    await bench.step('createSecret');
    await bench.person.send(
      new PutSecretValueCommand({
        SecretId: bench.secretId,
        SecretString: JSON.stringify({ ...goodSecret, note: 'new' }),
      }),
    );
    // The service abandons the rotation then. Somebody who puts the label back must not undo the change either.
    await bench.person.send(
      new UpdateSecretVersionStageCommand({
        SecretId: bench.secretId,
        VersionStage: 'AWSPENDING',
        MoveToVersionId: bench.token,
      }),
    );
    await expect(bench.step('setSecret')).rejects.toMatchObject({ code: 'secret-changed' });
    expect(bench.database.log).toEqual([]);
    expect(Object.values(await bench.labels()).flat()).not.toContain('AWSPENDING');
    await bench.begin();
    await bench.rotate();
    expect(await bench.value()).toMatchObject({ note: 'new' });
  });
});

describe('the master form', () => {
  test('logs in as the user before the master secret is read or used', async () => {
    const bench = await RotationBench.make({ changedBy: 'master' });
    await bench.step('createSecret');
    bench.database.add('app', 'changed-by-hand-to-this');
    const from = bench.manager.timeline.entries.length;
    await expect(bench.step('setSecret')).rejects.toMatchObject({ code: 'login-failed' });
    expect(bench.database.log).not.toContain('connect master');
    const read = bench.manager.timeline.entries.slice(from).map((entry) => JSON.stringify(entry));
    expect(read.filter((entry) => entry.includes(':secret:master-'))).toEqual([]);
  });

  test('reads the master secret once more when its password was refused: it may be rotating too', async () => {
    const bench = await RotationBench.make({ changedBy: 'master' });
    await bench.step('createSecret');
    bench.database.add('master', 'the-next-master-password');
    let reads = 0;
    const { connect } = bench.database.engine();
    expect(connect).toBeTypeOf('function');
    bench.manager.setOnCall(async ({ operation, moment, secretId }) => {
      if (operation !== 'GetSecretValue' || moment !== 'before' || !secretId?.includes(':secret:master')) return;
      reads += 1;
      if (reads !== 2) return;
      const next = { ...masterSecret, password: 'the-next-master-password' };
      await bench.person.send(new PutSecretValueCommand({ SecretId: 'master', SecretString: JSON.stringify(next) }));
    });
    await bench.step('setSecret');
    expect(bench.database.log).toEqual(['connect app', 'refuse master', 'connect master', 'reset app']);
  });

  test.each([{ host: 'elsewhere.example' }, { port: 2 }])(
    'does not use a master of another service: %j',
    async (change) => {
      const bench = await RotationBench.make({ changedBy: 'master' });
      await bench.step('createSecret');
      await bench.person.send(
        new PutSecretValueCommand({ SecretId: 'master', SecretString: JSON.stringify({ ...masterSecret, ...change }) }),
      );
      await expect(bench.step('setSecret')).rejects.toMatchObject({
        code: 'service-mismatch',
        stage: 'AWSCURRENT of the master secret',
      });
      expect(bench.database.log).not.toContain('connect master');
    },
  );

  test('the master’s name may come from the secret, the option or the environment', async () => {
    const places = [
      { text: JSON.stringify({ ...goodSecret, masterarn: 'master' }), function: { masterSecretArn: undefined } },
      { function: { masterSecretArn: 'master' } },
      { function: { masterSecretArn: undefined, env: { MASTER_SECRET_ARN: 'master' } } },
    ];
    for (const place of places) {
      const bench = await RotationBench.make({ changedBy: 'master', ...place });
      await bench.rotate();
      expect(bench.database.log).toContain('connect master');
    }
  });
});

describe('TLS', () => {
  test.each([
    [undefined, true],
    ['true', true],
    ['false', false],
    [false, false],
  ])('with ssl %j the logins use TLS: %s, and the master’s own secret decides for the master', async (ssl, on) => {
    const bench = await RotationBench.make({ changedBy: 'master', text: JSON.stringify({ ...goodSecret, ssl }) });
    await bench.rotate();
    const [app, master, test] = bench.database.tls.map((tls) => tls !== false);
    expect([app, master, test]).toEqual([on, true, on]);
    for (const tls of bench.database.tls) if (tls !== false) expect(tls.rejectUnauthorized).toBe(true);
  });
});

describe('the password', () => {
  test('can come from GetRandomPassword, at the price of one call', async () => {
    const bench = await RotationBench.make({
      function: { password: { source: 'get-random-password', passwordLength: 20 } },
    });
    await bench.rotate();
    expect((await bench.value()).password).toHaveLength(20);
    const names = bench.manager.timeline.of('call').map(({ operation }) => operation);
    expect(names).toContain('GetRandomPassword');
  });

  test('leaves out what AWS’s function for the engine leaves out', async () => {
    const bench = await RotationBench.make();
    await bench.rotate();
    expect(String((await bench.value()).password)).not.toMatch(/[/@"'\\]/);
  });
});

test('RotationToken is passed on to PutSecretValue', async () => {
  const bodies: Record<string, string>[] = [];
  const bench = await RotationBench.make();
  const options = bench.manager.clientOptions({ caller: 'function' });
  const client = new SecretsManagerClient(options);
  client.middlewareStack.add(
    (next) => async (args) => {
      const { headers, body } = args.request as { headers: Record<string, string>; body: Uint8Array };
      if (headers['x-amz-target']?.endsWith('PutSecretValue')) bodies.push(JSON.parse(Buffer.from(body).toString()));
      return next(args);
    },
    { step: 'finalizeRequest' },
  );
  const { RotationFunction, singleUser } = await import('@keyturn/core');
  const rotation = new RotationFunction(singleUser(bench.database.engine()), { client, env: {} });
  const event = { Step: 'createSecret', SecretId: bench.secretId, ClientRequestToken: bench.token };
  await rotation.handler({ ...event, RotationToken: 'token-of-the-service-0123456789-0123456789' });
  expect(bodies).toMatchObject([{ RotationToken: 'token-of-the-service-0123456789-0123456789' }]);
});

describe('a lone testSecret, as sent for RotateImmediately=false', () => {
  test.each([false, true])(
    'succeeds as the service sends it, on a version with a value: %s',
    async (testVersionHasValue) => {
      const bench = await RotationBench.make({ manager: { rotation: { attempts: 1, testVersionHasValue } } });
      await bench.takePendingOff();
      const before = await bench.everything();
      const { outcome, kind } = await bench.configureWithoutRotating();
      expect([kind, outcome]).toEqual(['test', 'succeeded']);
      expect(bench.database.log).toEqual(['connect app', 'ping app']);
      expect(await bench.everything()).toEqual(before);
    },
  );

  test('tests the configuration with AWSCURRENT where its version has no value', async () => {
    const bench = await RotationBench.make();
    const before = await bench.everything();
    await bench.step('testSecret');
    expect(bench.database.log).toEqual(['connect app', 'ping app']);
    expect(await bench.everything()).toEqual(before);
  });

  test('fails with the cause where AWSCURRENT does not log in', async () => {
    const bench = await RotationBench.make();
    bench.database.add('app', 'something-else');
    await expect(bench.step('testSecret')).rejects.toMatchObject({ code: 'login-failed', stage: 'AWSCURRENT' });
  });

  test('tests the value where its version has one', async () => {
    const bench = await RotationBench.make();
    await bench.person.send(
      new PutSecretValueCommand({
        SecretId: bench.secretId,
        ClientRequestToken: bench.token,
        SecretString: JSON.stringify(goodSecret),
        VersionStages: ['AWSPENDING'],
      }),
    );
    await bench.step('testSecret');
    expect(bench.database.log).toEqual(['connect app', 'ping app']);
  });

  test('does not let finishSecret promote a version that was never logged in with', async () => {
    const bench = await RotationBench.make();
    await bench.step('testSecret');
    await expect(bench.step('finishSecret')).rejects.toMatchObject({ code: 'version-has-no-value' });
    await bench.step('createSecret');
    await expect(bench.step('finishSecret')).rejects.toMatchObject({ code: 'login-failed', stage: 'AWSPENDING' });
    expect((await bench.value()).password).toBe(goodSecret.password);
  });
});

test('finishSecret in a process that did not see testSecret proves the version itself', async () => {
  const bench = await RotationBench.make();
  await bench.steps('createSecret', 'setSecret', 'testSecret');
  bench.restart();
  await bench.step('finishSecret');
  expect(bench.database.log.slice(-2)).toEqual(['connect app', 'ping app']);
  expect(await bench.labels()).toMatchObject({ [bench.token]: ['AWSCURRENT', 'AWSPENDING'] });
});
