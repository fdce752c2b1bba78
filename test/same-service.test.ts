import { describe, expect, test } from 'vitest';
import { address, arnOf } from '../packages/services/rds/testing/fleet.ts';
import type { RdsDouble } from '../packages/services/rds/testing/rds-double.ts';
import { ManagedMasterBench, startRds } from './managed-master-bench.ts';
import { masterSecret } from './rotation-bench.ts';

const region = 'us-east-1';
const writer = address('shop', 'cluster-', region);
const instance = address('orders', '', region);

/** An Aurora cluster with its endpoints, a Multi-AZ cluster, and an instance with replicas. */
async function startFleet(): Promise<{
  rds: RdsDouble;
  instanceTag: Record<string, string>;
  clusterTag: Record<string, string>;
}> {
  const rds = await startRds();
  const { fleet } = rds;
  const clusterArn = fleet.addCluster('shop', { custom: ['reports'] });
  fleet.addInstance('shop-1', { cluster: 'shop' });
  fleet.addInstance('shop-2', { cluster: 'shop' });
  const instanceArn = fleet.addInstance('orders');
  fleet.addInstance('orders-replica', { sourceInstance: 'orders' });
  fleet.addInstance('orders-far', { region: 'eu-west-1', sourceInstance: arnOf('db', 'orders', region) });
  fleet.addInstance('orders-far-second', { region: 'eu-west-1', sourceInstance: 'orders-far' });
  fleet.addInstance('other');
  fleet.addCluster('other-cluster');
  return {
    rds,
    instanceTag: { 'aws:rds:primaryDBInstanceArn': instanceArn },
    clusterTag: { 'aws:rds:primaryDBClusterArn': clusterArn },
  };
}

const endpointsOfCluster = [
  ['the writer endpoint', writer],
  ['the reader endpoint', address('shop', 'cluster-ro-', region)],
  ['a custom endpoint', address('reports', 'cluster-custom-', region)],
  ['an instance of it', address('shop-2', '', region)],
] as const;

const endpointsOfInstance = [
  ['its endpoint', instance],
  ['its endpoint in upper case and with a dot at the end', `${instance.toUpperCase()}.`],
  ['a replica of it', address('orders-replica', '', region)],
  ['a replica of it in another Region', address('orders-far', '', 'eu-west-1')],
  ['a replica of that replica', address('orders-far-second', '', 'eu-west-1')],
] as const;

describe('the master logs in where the server takes writes', () => {
  test.each(endpointsOfCluster)('when the rotated secret names a cluster by %s', async (_what, host) => {
    const { rds, clusterTag: tags } = await startFleet();
    const run = await ManagedMasterBench.make(rds, { secret: { host }, tags });
    await run.bench.rotate();
    expect(run.logins).toEqual([`app@${host}:5432`, `master@${writer}:5432`, `app@${host}:5432`]);
  });

  test.each(endpointsOfInstance)('when the rotated secret names an instance by %s', async (_what, host) => {
    const { rds, instanceTag: tags } = await startFleet();
    const run = await ManagedMasterBench.make(rds, { secret: { host }, tags });
    await run.bench.rotate();
    expect(run.logins).toEqual([`app@${host}:5432`, `master@${instance}:5432`, `app@${host}:5432`]);
  });

  test.each(endpointsOfCluster)('also for a master secret with a host of its own: %s', async (_what, host) => {
    const { rds } = await startFleet();
    const unmanaged = { ...masterSecret, host: writer, port: 5432 };
    const run = await ManagedMasterBench.make(rds, { secret: { host }, unmanaged });
    await run.bench.rotate();
    expect(run.masterLogins).toEqual([`master@${writer}:5432`]);
    // Equal names need no question.
    expect(rds.calls.length > 0).toBe(host !== writer);
  });

  test('also for a configured address, and without a service that may be asked the reader is another server', async () => {
    const { rds } = await startFleet();
    const given = {
      secret: { host: address('shop', 'cluster-ro-', region) },
      function: { masterService: { host: writer, port: 5432 } },
    };
    const run = await ManagedMasterBench.make(rds, given);
    await run.bench.rotate();
    expect(run.masterLogins).toEqual([`master@${writer}:5432`]);
    const control = await ManagedMasterBench.make(rds, { ...given, asks: false });
    expect(await control.failure()).toMatchObject({ code: 'service-mismatch' });
  });
});

const attacks = [
  ['a host of somebody else', { host: 'db.attacker.example' }],
  ['another instance of the account', { host: address('other', '', region) }],
  ['another cluster of the account', { host: address('other-cluster', 'cluster-', region) }],
  ['the same identifier at another address', { host: `orders.cattacker1.${region}.rds.amazonaws.com` }],
  ['the same identifier in another Region', { host: address('orders', '', 'eu-west-1') }],
  ['a name that only begins as the server’s', { host: `${instance}.attacker.example` }],
  ['a name that only ends as the server’s', { host: `x.${instance}` }],
  ['a custom endpoint that is not there', { host: address('absent', 'cluster-custom-', region) }],
  ['another port of the server', { host: instance, port: 5433 }],
  ['another port of a replica', { host: address('orders-replica', '', region), port: 5433 }],
  ['an address', { host: '198.51.100.7' }],
] as const;

describe.each(['single user', 'alternating users'] as const)(
  '%s: the master’s login goes to its own server',
  (strategy) => {
    test.each(attacks)(
      '%s is refused before the master logs in, with the server from the tag',
      async (_what, secret) => {
        const { rds, instanceTag: tags } = await startFleet();
        const run = await ManagedMasterBench.make(rds, { secret, tags, strategy });
        expect(await run.failure()).toMatchObject({
          code: 'service-mismatch',
          stage: 'AWSCURRENT of the master secret',
        });
        expect(run.masterLogins).toEqual([]);
      },
    );

    test.each(attacks)('%s is refused with a configured address as well', async (_what, secret) => {
      const { rds } = await startFleet();
      const masterService = { host: instance, port: 5432 };
      const run = await ManagedMasterBench.make(rds, { secret, strategy, function: { masterService } });
      expect(await run.failure()).toMatchObject({ code: 'service-mismatch' });
      expect(run.masterLogins).toEqual([]);
    });

    test.each(attacks)('a control for %s: declared as the same service, the master is used', async (_what, secret) => {
      const { rds, instanceTag: tags } = await startFleet();
      const { host, port = 5432 } = { port: undefined, ...secret };
      const declared = { sameService: [[`${host}:${port}`, `${instance}:5432`]] };
      const run = await ManagedMasterBench.make(rds, { secret, tags, strategy, function: declared });
      await run.bench.rotate();
      // Even so it is sent to the server of the tag alone.
      expect(run.masterLogins).toEqual([`master@${instance}:5432`]);
    });

    test('after a rotation of a secret that names a reader', async () => {
      const { rds, clusterTag: tags } = await startFleet();
      const host = address('shop', 'cluster-ro-', region);
      const run = await ManagedMasterBench.make(rds, { secret: { host }, tags, strategy });
      await run.bench.rotate();
      expect(run.masterLogins).toEqual([`master@${writer}:5432`]);
      expect((await run.bench.value()).host).toBe(host);
    });
  },
);

describe('who can write the rotated secret', () => {
  test('has no use of the master secret of another server', async () => {
    const { rds } = await startFleet();
    const tags = { 'aws:rds:primaryDBInstanceArn': arnOf('db', 'other', region) };
    const run = await ManagedMasterBench.make(rds, {
      secret: { host: instance, masterarn: 'rds!db-1' },
      tags,
      function: { masterSecretArn: undefined },
    });
    expect(await run.failure()).toMatchObject({ code: 'service-mismatch' });
    expect(run.masterLogins).toEqual([]);
  });

  test('finds no server by a tag that only begins as a system tag', async () => {
    const { rds } = await startFleet();
    const run = await ManagedMasterBench.make(rds, {
      secret: { host: instance },
      tags: { 'aws:rds:primarydbinstancearn-copy': arnOf('db', 'orders', region) },
    });
    expect(await run.failure()).toMatchObject({ code: 'invalid-secret' });
    expect(rds.calls).toEqual([]);
  });
});

describe('names that only the configuration can pair', () => {
  const cname = 'db.example';

  test('a CNAME that is not declared is another server', async () => {
    const { rds, instanceTag: tags } = await startFleet();
    const run = await ManagedMasterBench.make(rds, { secret: { host: cname }, tags });
    const error = await run.failure();
    expect(error).toMatchObject({ code: 'service-mismatch' });
    for (const way of ['sameService', 'SAME_SERVICE']) expect(error.message).toContain(way);
    expect(run.masterLogins).toEqual([]);
  });

  test.each([
    ['the option sameService', { sameService: [[cname, instance]] }],
    ['SAME_SERVICE', { env: { SAME_SERVICE: `a.example=b.example; ${cname.toUpperCase()} = ${instance}.` } }],
  ])('a CNAME that %s declares is the same server', async (_place, given) => {
    const { rds, instanceTag: tags } = await startFleet();
    const run = await ManagedMasterBench.make(rds, { secret: { host: cname }, tags, function: given });
    await run.bench.rotate();
    expect(run.logins).toEqual([`app@${cname}:5432`, `master@${instance}:5432`, `app@${cname}:5432`]);
  });

  test('a proxy that is declared is not used by the master', async () => {
    const { rds } = await startFleet();
    const proxy = `shop.proxy-c9akciq32xyz.${region}.rds.amazonaws.com`;
    const run = await ManagedMasterBench.make(rds, {
      secret: { host: proxy },
      unmanaged: { ...masterSecret, host: writer, port: 5432 },
      function: { sameService: [[proxy, writer]] },
    });
    await run.bench.rotate();
    expect(run.masterLogins).toEqual([`master@${writer}:5432`]);
    expect(rds.calls).toEqual([]);
  });

  test('a master secret with a host in another spelling is the same server, and no service is asked', async () => {
    const { rds } = await startFleet();
    const unmanaged = { ...masterSecret, host: `${instance.toUpperCase()}.`, port: '5432' };
    const run = await ManagedMasterBench.make(rds, { secret: { host: instance }, unmanaged });
    await run.bench.rotate();
    expect(run.masterLogins).toHaveLength(1);
    expect(rds.calls).toEqual([]);
  });
});
