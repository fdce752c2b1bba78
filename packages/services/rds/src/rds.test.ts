import { createServer } from 'node:net';
import { RotationError } from '@keyturn/core';
import { recordError } from '@keyturn/engine-conformance';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startDouble } from '../testing/client.ts';
import { address, arnOf } from '../testing/fleet.ts';
import type { RdsDouble } from '../testing/rds-double.ts';
import { rds } from './rds.ts';

const { signal } = new AbortController();
const region = 'us-east-1';

function servicesOf(double: RdsDouble) {
  return rds({ endpoint: double.url, credentials: double.key });
}

async function errorOf(work: Promise<unknown>): Promise<RotationError> {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  recordError(error);
  if (!(error instanceof RotationError)) throw new Error('no RotationError', { cause: error });
  expect(error.cause).toBeUndefined();
  return error;
}

describe('the endpoints of a server', () => {
  test('of an instance are its own, and that of its listener', async () => {
    const double = await startDouble();
    const listener = address('orders-listener', '', region);
    const arn = double.fleet.addInstance('orders', { port: 1433, listener });
    expect(await servicesOf(double).endpointsOf(arn, signal)).toEqual([
      { host: address('orders', '', region), port: 1433, kind: 'writer' },
      { host: listener, port: 1433, kind: 'writer' },
    ]);
  });

  test('of a cluster begin with the writer', async () => {
    const double = await startDouble();
    const arn = double.fleet.addCluster('shop', { port: 5433, custom: ['reports', 'exports'] });
    expect(await servicesOf(double).endpointsOf(arn, signal)).toEqual([
      { host: address('shop', 'cluster-', region), port: 5433, kind: 'writer' },
      { host: address('shop', 'cluster-ro-', region), port: 5433, kind: 'reader' },
      { host: address('reports', 'cluster-custom-', region), port: 5433, kind: 'custom' },
      { host: address('exports', 'cluster-custom-', region), port: 5433, kind: 'custom' },
    ]);
  });

  test('of a member, by its host, are those of the cluster and its own, with two calls', async () => {
    const double = await startDouble();
    double.fleet.addCluster('shop');
    double.fleet.addInstance('shop-1', { cluster: 'shop' });
    const found = await servicesOf(double).endpointsWith(address('shop-1', '', region), signal);
    expect(found?.map(({ host, kind }) => [host, kind])).toEqual([
      [address('shop', 'cluster-', region), 'writer'],
      [address('shop', 'cluster-ro-', region), 'reader'],
      [address('shop-1', '', region), 'instance'],
    ]);
    expect(double.calls.map(({ action }) => action)).toEqual(['DescribeDBInstances', 'DescribeDBClusters']);
  });

  test('of a replica begin with the source’s, in whichever Region that is', async () => {
    const double = await startDouble();
    double.fleet.addInstance('orders');
    double.fleet.addInstance('far', { region: 'eu-west-1', sourceInstance: arnOf('db', 'orders', region) });
    const found = await servicesOf(double).endpointsWith(address('far', '', 'eu-west-1'), signal);
    expect(found?.map(({ host, kind }) => [host, kind])).toEqual([
      [address('orders', '', region), 'writer'],
      [address('far', '', 'eu-west-1'), 'reader'],
    ]);
    expect(double.calls.map((call) => call.region)).toEqual(['eu-west-1', 'us-east-1']);
  });

  test('of a replica of a Multi-AZ cluster, and of a cluster that replicates an instance, begin with the source’s', async () => {
    const double = await startDouble();
    double.fleet.addInstance('orders');
    double.fleet.addCluster('multi', { source: arnOf('db', 'orders', region) });
    double.fleet.addInstance('replica', { sourceCluster: 'multi' });
    const found = await servicesOf(double).endpointsWith(address('replica', '', region), signal);
    expect(found?.map(({ host, kind }) => [host, kind])).toEqual([
      [address('orders', '', region), 'writer'],
      [address('multi', 'cluster-', region), 'reader'],
      [address('multi', 'cluster-ro-', region), 'reader'],
      [address('replica', '', region), 'reader'],
    ]);
  });

  test('of a custom endpoint hold it even if the cluster’s description does not', async () => {
    const double = await startDouble();
    double.fleet.addCluster('shop', { port: 5433, custom: ['reports'], listsCustom: false });
    const host = address('reports', 'cluster-custom-', region);
    expect((await servicesOf(double).endpointsWith(host, signal))?.slice(2)).toEqual([
      { host, port: 5433, kind: 'custom' },
    ]);
  });

  test('of servers that name each other as their source are found once, without end', async () => {
    const double = await startDouble();
    double.fleet.addInstance('a', { sourceInstance: 'b' });
    double.fleet.addInstance('b', { sourceInstance: 'a' });
    expect(await servicesOf(double).endpointsWith(address('a', '', region), signal)).toHaveLength(2);
    expect(double.calls).toHaveLength(2);
  });

  test('of a long chain of replicas end after eight calls', async () => {
    const double = await startDouble();
    for (let i = 0; i < 12; i += 1) double.fleet.addInstance(`r${i}`, { sourceInstance: `r${i + 1}` });
    await servicesOf(double).endpointsWith(address('r0', '', region), signal);
    expect(double.calls).toHaveLength(8);
  });

  test('in China are asked for in that Region', async () => {
    const double = await startDouble();
    const arn = double.fleet.addInstance('orders', { region: 'cn-north-1' });
    const host = address('orders', '', 'cn-north-1');
    expect(host).toBe('orders.c9akciq32xyz.rds.cn-north-1.amazonaws.com.cn');
    expect(await servicesOf(double).endpointsOf(arn, signal)).toMatchObject([{ host }]);
    expect(await servicesOf(double).endpointsWith(host, signal)).toMatchObject([{ host }]);
  });

  test('are asked for anew each time: a cluster may have another one a moment later', async () => {
    const double = await startDouble();
    const arn = double.fleet.addInstance('orders');
    const services = servicesOf(double);
    expect(await services.endpointsOf(arn, signal)).toHaveLength(1);
    double.fleet.instances.length = 0;
    double.fleet.addInstance('orders', { address: 'orders.moved.us-east-1.rds.amazonaws.com' });
    expect(await services.endpointsOf(arn, signal)).toMatchObject([
      { host: 'orders.moved.us-east-1.rds.amazonaws.com' },
    ]);
  });

  test.each([0, 1])('are found behind a page of %i records', async (pageSize) => {
    const double = await startDouble({ pageSize });
    double.fleet.addCluster('first', { custom: ['reports'] });
    const found = await servicesOf(double).endpointsWith(address('reports', 'cluster-custom-', region), signal);
    expect(found).toHaveLength(3);
    expect(double.calls.length).toBe(pageSize === 0 ? 4 : 2);
  });
});

describe('a host that is no endpoint', () => {
  test.each([
    ['of the account', address('absent', '', region)],
    ['because its address is another', `orders.cattacker1.${region}.rds.amazonaws.com`],
    ['because it is a cluster’s', address('orders', 'cluster-', region)],
    ['because it is a custom endpoint’s', address('orders', 'cluster-custom-', region)],
  ])('%s is undefined after one question', async (_why, host) => {
    const double = await startDouble();
    double.fleet.addInstance('orders');
    expect(await servicesOf(double).endpointsWith(host, signal)).toBeUndefined();
    expect(double.calls).toHaveLength(1);
  });

  test.each(['db.example', 'localhost', '10.0.0.7', '::1', '', '.', `shop.proxy-abc.${region}.rds.amazonaws.com`])(
    'and has no name of RDS is undefined, and RDS is not asked: %j',
    async (host) => {
      const double = await startDouble();
      expect(await servicesOf(double).endpointsWith(host, signal)).toBeUndefined();
      expect(double.calls).toEqual([]);
    },
  );
});

describe('errors', () => {
  test.each([
    ['AccessDenied', 403, 'service-denied', 'Allow rds:DescribeDBClusters in'],
    ['ExpiredToken', 403, 'service-denied', 'credentials'],
    ['RequestLimitExceeded', 503, 'service-throttled', ''],
    ['ServiceUnavailable', 503, 'service-failed', ''],
  ])('%s (%i) is %s', async (code, status, expected, words) => {
    const double = await startDouble();
    const arn = double.fleet.addCluster('shop');
    double.fault = () => ({ code, status, message: 'said by the service\n<&>' });
    const error = await errorOf(servicesOf(double).endpointsOf(arn, signal));
    expect(error).toMatchObject({ code: expected, driverCode: code, endpoint: new URL(double.url).host });
    expect(error.message).toContain(words);
    expect(error.message).toContain('DescribeDBClusters of Amazon RDS failed: said by the service <&>');
  });

  test('a throttled call is tried three times, and a short throttling is not seen', async () => {
    const double = await startDouble();
    const arn = double.fleet.addCluster('shop');
    double.fault = () =>
      double.calls.length < 3 ? { code: 'Throttling', status: 400, message: 'Rate exceeded' } : undefined;
    expect(await servicesOf(double).endpointsOf(arn, signal)).toHaveLength(2);
    expect(double.calls).toHaveLength(3);
  });

  test('an answer that does not come is told as no way to the service, naming the endpoint and the ways out', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const services = rds({
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'A', secretAccessKey: 'b' },
    });
    const asked = errorOf(services.endpointsOf(arnOf('db', 'orders', region), signal));
    let done = false;
    const settled = asked.finally(() => {
      done = true;
    });
    // Time passes as fast as the client waits: three tries of five seconds, and the pauses between.
    while (!done) {
      await vi.advanceTimersByTimeAsync(500);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const error = await settled;
    expect(error).toMatchObject({
      code: 'service-unreachable',
      driverCode: 'TimeoutError',
      endpoint: `127.0.0.1:${port}`,
    });
    for (const way of ['interface VPC endpoint for rds', 'NAT gateway', 'masterService'])
      expect(error.message).toContain(way);
  });

  test('a port where nothing listens is told so', async () => {
    const double = await startDouble();
    const services = servicesOf(double);
    await double.close();
    const error = await errorOf(services.endpointsOf(arnOf('db', 'orders', region), signal));
    expect(error).toMatchObject({ code: 'service-unreachable', driverCode: 'ECONNREFUSED' });
  });

  test('an abort ends the wait at once', async () => {
    const double = await startDouble();
    const abort = new AbortController();
    double.fault = () => {
      abort.abort();
      return 'no-answer';
    };
    const error = await errorOf(servicesOf(double).endpointsOf(double.fleet.addInstance('orders'), abort.signal));
    expect(error).toMatchObject({ code: 'deadline-exceeded', endpoint: new URL(double.url).host });
  });

  test.each([
    'arn:aws:rds:us-east-1:123456789012:snapshot:orders',
    'arn:aws:redshift:us-east-1:123456789012:cluster:orders',
    'arn:aws:rds::123456789012:global-cluster:orders',
    'orders',
    `arn:aws:rds:us-east-1:123456789012:db:${'a'.repeat(256)}`,
    'arn:aws:rds:us-east-1:123456789012:db:orders\nx',
  ])('a tag with %j names no server, and RDS is not asked', async (arn) => {
    const double = await startDouble();
    const error = await errorOf(servicesOf(double).endpointsOf(arn, signal));
    expect(error.code).toBe('service-failed');
    expect(error.message).not.toContain('\n');
    expect(double.calls).toEqual([]);
  });

  test('an address of the API that is none is a wrong configuration', async () => {
    const services = rds({ endpoint: 'not an address', credentials: { accessKeyId: 'A', secretAccessKey: 'b' } });
    expect(await errorOf(services.endpointsOf(arnOf('db', 'orders', region), signal))).toMatchObject({
      code: 'invalid-configuration',
    });
  });
});
