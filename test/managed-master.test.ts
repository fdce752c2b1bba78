import { describe, expect, test } from 'vitest';
import { address } from '../packages/services/rds/testing/fleet.ts';
import { ManagedMasterBench, startRds } from './managed-master-bench.ts';
import { masterSecret } from './rotation-bench.ts';

const host = address('orders', '', 'us-east-1');
const writer = address('shop', 'cluster-', 'us-east-1');

describe('a managed master secret, which holds only username and password', () => {
  test.each([
    ['the option masterService', { masterService: { host, port: 5432 } }],
    ['MASTER_HOST and MASTER_PORT', { env: { MASTER_HOST: host, MASTER_PORT: '5432' } }],
  ])('is used where %s says, and no service is asked', async (_place, given) => {
    const rds = await startRds();
    const run = await ManagedMasterBench.make(rds, { secret: { host }, function: given });
    await run.bench.rotate();
    expect(run.logins).toEqual([`app@${host}:5432`, `master@${host}:5432`, `app@${host}:5432`]);
    expect(run.bench.database.log).toContain('reset app');
    expect(run.describedMaster).toBe(0);
    expect(rds.calls).toEqual([]);
  });

  test('is used at the engine’s port where the configuration names none', async () => {
    const run = await ManagedMasterBench.make(await startRds(), {
      secret: { host, port: 1 },
      function: { masterService: { host } },
    });
    await run.bench.rotate();
    expect(run.masterLogins).toEqual([`master@${host}:1`]);
  });

  test('is used at the configured address though its tags name a server, and no service is asked', async () => {
    const rds = await startRds();
    const tags = { 'aws:rds:primaryDBInstanceArn': rds.fleet.addInstance('other') };
    const run = await ManagedMasterBench.make(rds, {
      secret: { host },
      tags,
      function: { masterService: { host, port: 5432 } },
    });
    await run.bench.rotate();
    expect(run.masterLogins).toEqual([`master@${host}:5432`]);
    expect(rds.calls).toEqual([]);
  });

  test.each(['aws:rds:primaryDBInstanceArn', 'aws:rds:primarydbinstancearn', 'aws:rds:PRIMARYDBINSTANCEARN'])(
    'is used at the instance that the tag %s names, with two calls in all',
    async (tag) => {
      const rds = await startRds();
      const arn = rds.fleet.addInstance('orders');
      const run = await ManagedMasterBench.make(rds, { secret: { host }, tags: { [tag]: arn } });
      await run.bench.rotate();
      expect(run.logins).toEqual([`app@${host}:5432`, `master@${host}:5432`, `app@${host}:5432`]);
      expect(run.describedMaster).toBe(1);
      expect(rds.calls).toEqual([
        { action: 'DescribeDBInstances', region: 'us-east-1', parameters: { DBInstanceIdentifier: arn } },
      ]);
    },
  );

  test('is used at the writer of the cluster that its tag names', async () => {
    const rds = await startRds();
    const arn = rds.fleet.addCluster('shop');
    const tags = { 'aws:rds:primaryDBClusterArn': arn };
    const run = await ManagedMasterBench.make(rds, { secret: { host: writer }, tags });
    await run.bench.rotate();
    expect(run.masterLogins).toEqual([`master@${writer}:5432`]);
    expect(rds.calls).toEqual([
      { action: 'DescribeDBClusters', region: 'us-east-1', parameters: { DBClusterIdentifier: arn } },
    ]);
  });

  test.each([
    [undefined, ''],
    [true, ''],
    [false, ' plaintext'],
  ])('has no key ssl: with ssl %j in the rotated secret its login is%s as the application’s', async (ssl, how) => {
    const run = await ManagedMasterBench.make(await startRds(), {
      secret: { host, ssl },
      function: { masterService: { host, port: 5432 } },
    });
    await run.bench.rotate();
    expect(run.logins).toEqual(['app', 'master', 'app'].map((user) => `${user}@${host}:5432${how}`));
    for (const tls of run.bench.database.tls) if (tls !== false) expect(tls.rejectUnauthorized).toBe(true);
  });

  test('that was rotated meanwhile is read once more, and its server is not asked for again', async () => {
    const rds = await startRds();
    const tags = { 'aws:rds:primaryDBInstanceArn': rds.fleet.addInstance('orders') };
    const run = await ManagedMasterBench.make(rds, { secret: { host }, tags });
    await run.bench.step('createSecret');
    const password = 'the-next-password-of-the-master';
    run.bench.database.add('master', password);
    rds.fault = () => {
      // Between the two readings of the secret, as the service would.
      run.master.rotate(JSON.stringify({ username: 'master', password }));
      return undefined;
    };
    await run.bench.step('setSecret');
    expect(run.bench.database.log).toEqual(['connect app', 'refuse master', 'connect master', 'reset app']);
    expect(run.describedMaster).toBe(1);
    expect(rds.calls).toHaveLength(1);
  });

  test('that was not rotated is tried once: a control, the same run without a new value', async () => {
    const rds = await startRds();
    const tags = { 'aws:rds:primaryDBInstanceArn': rds.fleet.addInstance('orders') };
    const run = await ManagedMasterBench.make(rds, { secret: { host }, tags });
    run.bench.database.add('master', 'the-next-password-of-the-master');
    expect(await run.failure()).toMatchObject({ code: 'login-failed' });
    expect(run.bench.database.log).toEqual(['connect app', 'refuse master']);
  });
});

describe('a managed master secret of which nothing tells the server', () => {
  test('is one clear error that names both ways, when no service may be asked', async () => {
    const run = await ManagedMasterBench.make(await startRds(), { secret: { host }, asks: false });
    const error = await run.failure();
    expect(error).toMatchObject({ code: 'invalid-secret', stage: 'AWSCURRENT of the master secret' });
    for (const way of ['masterService', 'MASTER_HOST', 'MASTER_PORT', 'managedServices', 'rds()']) {
      expect(error.message).toContain(way);
    }
    expect(run.masterLogins).toEqual([]);
  });

  test('is an error that names the tags, when it has none of them', async () => {
    const rds = await startRds();
    const run = await ManagedMasterBench.make(rds, { secret: { host } });
    const error = await run.failure();
    expect(error).toMatchObject({ code: 'invalid-secret', stage: 'AWSCURRENT of the master secret' });
    expect(error.message).toContain('aws:rds:primaryDBInstanceArn or aws:rds:primaryDBClusterArn');
    expect(rds.calls).toEqual([]);
  });

  test('needs a user name and a password all the same', async () => {
    const run = await ManagedMasterBench.make(await startRds(), {
      secret: { host },
      function: { masterService: { host } },
    });
    run.master.rotate(JSON.stringify({ username: 5, pass: masterSecret.password }));
    const error = await run.failure();
    expect(error).toMatchObject({ code: 'invalid-secret', stage: 'AWSCURRENT of the master secret' });
    expect(error.message).toContain('username must be a string; password is missing');
  });
});

describe('when the service cannot be asked', () => {
  const denied = { code: 'AccessDenied', status: 403, message: 'User: x is not authorized to perform: y' };
  const throttled = { code: 'Throttling', status: 400, message: 'Rate exceeded' };
  const broken = { code: 'InternalFailure', status: 500, message: 'The request processing has failed.' };

  test.each([
    ['denied', 'service-denied', denied, 'Allow rds:DescribeDBInstances in the function'],
    ['throttled', 'service-throttled', throttled, 'Rate exceeded'],
    ['broken', 'service-failed', broken, 'InternalFailure'],
    ['dropped', 'service-unreachable', 'drop', 'interface VPC endpoint for rds'],
  ] as const)('a call that is %s ends in %s, and the master does not log in', async (_how, code, fault, words) => {
    const rds = await startRds();
    const tags = { 'aws:rds:primaryDBInstanceArn': rds.fleet.addInstance('orders') };
    const run = await ManagedMasterBench.make(rds, { secret: { host }, tags });
    rds.fault = () => fault;
    const error = await run.failure();
    expect(error).toMatchObject({
      code,
      step: 'setSecret',
      stage: 'AWSCURRENT of the master secret',
      endpoint: new URL(rds.url).host,
    });
    expect(error.message).toContain(words);
    expect(run.masterLogins).toEqual([]);
    // Nothing has been changed: once the service answers, the same rotation completes.
    rds.fault = undefined;
    await run.bench.rotate();
  });

  test('the end of the invocation cuts the wait short, and the error names the call', async () => {
    const rds = await startRds();
    const tags = { 'aws:rds:primaryDBInstanceArn': rds.fleet.addInstance('orders') };
    const run = await ManagedMasterBench.make(rds, { secret: { host }, tags });
    rds.fault = () => 'no-answer';
    const error = await run.failure(1_000);
    expect(error).toMatchObject({ code: 'deadline-exceeded', endpoint: new URL(rds.url).host });
    expect(error.message).toContain('DescribeDBInstances');
  });

  test('a server that is gone is named', async () => {
    const rds = await startRds();
    const arn = rds.fleet.addInstance('orders');
    const run = await ManagedMasterBench.make(rds, { secret: { host }, tags: { 'aws:rds:primaryDBInstanceArn': arn } });
    rds.fleet.instances.length = 0;
    const error = await run.failure();
    expect(error).toMatchObject({ code: 'service-failed', driverCode: 'DBInstanceNotFound' });
    expect(error.message).toContain(arn);
  });

  test('a server that is being made has no endpoint yet', async () => {
    const rds = await startRds();
    const arn = rds.fleet.addInstance('orders', { address: undefined });
    const run = await ManagedMasterBench.make(rds, { secret: { host }, tags: { 'aws:rds:primaryDBInstanceArn': arn } });
    expect(await run.failure()).toMatchObject({ code: 'service-failed' });
  });

  test('a DescribeSecret of the master secret that is denied names the action', async () => {
    const rds = await startRds();
    const tags = { 'aws:rds:primaryDBInstanceArn': rds.fleet.addInstance('orders') };
    const run = await ManagedMasterBench.make(rds, { secret: { host }, tags });
    const secretId = run.master.arn;
    run.bench.manager.setFaults([
      { action: 'error', type: 'AccessDeniedException', moment: 'before', operation: 'DescribeSecret', secretId },
    ]);
    const error = await run.failure();
    expect(error).toMatchObject({ code: 'secrets-manager-denied', stage: 'AWSCURRENT of the master secret' });
    expect(error.message).toContain('secretsmanager:DescribeSecret');
  });
});
