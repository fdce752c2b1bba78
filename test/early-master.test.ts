import { CreateSecretCommand, DeleteSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { alternatingUsers } from '@keyturn/core';
import { roundTrips } from '@keyturn/engine-conformance';
import { describe, expect, test } from 'vitest';
import { type BenchOptions, goodSecret, masterSecret, RotationBench } from './rotation-bench.ts';

const options: BenchOptions = {
  strategy: (database) => alternatingUsers(database.engine()),
  // Long enough for parallel calls to be told from calls one after another.
  onCall: ({ moment }) => (moment === 'before' ? { action: 'delay', ms: 20 } : { action: 'pass' }),
};

/** The function's calls in setSecret: how many, and how many one after another. */
async function setSecretOf(bench: RotationBench): Promise<{ calls: number; roundTrips: number }> {
  const from = bench.manager.timeline.of('call').length;
  await bench.step('setSecret');
  const calls = bench.manager.timeline
    .of('call')
    .slice(from)
    .filter(({ caller }) => caller === 'function');
  return { calls: calls.length, roundTrips: roundTrips(calls) };
}

describe('the master secret is read together with the secret', () => {
  test('where the process has taken createSecret; any other one reads it afterwards', async () => {
    const bench = await RotationBench.make(options);
    await bench.step('createSecret');
    expect(await setSecretOf(bench)).toEqual({ calls: 3, roundTrips: 1 });
    bench.restart();
    expect(await setSecretOf(bench)).toEqual({ calls: 3, roundTrips: 2 });
  });

  test('another one that AWSCURRENT names meanwhile is read and used as ever', async () => {
    const bench = await RotationBench.make({
      ...options,
      text: JSON.stringify({ ...goodSecret, masterarn: 'master' }),
      function: { masterSecretArn: undefined },
    });
    await bench.rotate();
    const SecretString = JSON.stringify({ ...(await bench.value()), masterarn: 'master-2' });
    await bench.person.send(new CreateSecretCommand({ Name: 'master-2', SecretString: JSON.stringify(masterSecret) }));
    await bench.person.send(new PutSecretValueCommand({ SecretId: 'master', SecretString: 'of no use any more' }));
    await bench.person.send(new PutSecretValueCommand({ SecretId: bench.secretId, SecretString }));
    await bench.begin();
    await bench.otherProcess()('createSecret', bench.token);
    expect(await setSecretOf(bench)).toEqual({ calls: 4, roundTrips: 2 });
    await bench.steps('testSecret', 'finishSecret');
    expect(await bench.value()).toMatchObject({ username: 'app', masterarn: 'master-2' });
  });

  test('one that cannot be read is told when it is needed, and nothing has been changed', async () => {
    const bench = await RotationBench.make(options);
    await bench.step('createSecret');
    await bench.person.send(new DeleteSecretCommand({ SecretId: 'master', ForceDeleteWithoutRecovery: true }));
    await expect(bench.step('setSecret')).rejects.toMatchObject({
      code: 'secret-not-found',
      stage: 'AWSCURRENT of the master secret',
    });
    expect(bench.database.log).toEqual(['connect app']);
  });
});
