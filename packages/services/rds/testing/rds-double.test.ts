import { createHash, createHmac } from 'node:crypto';
import { DescribeDBInstancesCommand, paginateDescribeDBInstances, RDSClient } from '@aws-sdk/client-rds';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startDouble } from './client.ts';
import type { RdsDouble } from './rds-double.ts';

const form = 'application/x-www-form-urlencoded';
const good = 'Action=DescribeDBInstances&Version=2014-10-31';

interface Changes {
  readonly key?: { readonly accessKeyId?: string; readonly secretAccessKey?: string };
  readonly service?: string;
  readonly at?: Date;
  readonly scopeDay?: string;
  readonly signedHeaders?: readonly string[];
  /** What is sent, where it is not what was signed. */
  readonly sent?: { readonly body?: string; readonly headers?: Record<string, string> };
}

/** A request signed as the specification of Signature Version 4 says, written apart from what checks it. */
async function send(
  double: RdsDouble,
  body: string,
  changes: Changes = {},
): Promise<{ status: number; code: string; text: string }> {
  const { accessKeyId, secretAccessKey } = { ...double.key, ...changes.key };
  const {
    service = 'rds',
    at = new Date(),
    signedHeaders = ['content-type', 'host', 'x-amz-date'],
    sent = {},
  } = changes;
  const date = at.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = changes.scopeDay ?? date.slice(0, 8);
  const headers: Record<string, string> = { 'content-type': form, host: new URL(double.url).host, 'x-amz-date': date };
  const hex = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const lines = signedHeaders.map((name) => `${name}:${headers[name]}`).join('\n');
  const canonical = `POST\n/\n\n${lines}\n\n${signedHeaders.join(';')}\n${hex(body)}`;
  const scope = `${day}/us-east-1/${service}/aws4_request`;
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), 'us-east-1'), service), 'aws4_request');
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hex(canonical)}`).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
  const response = await fetch(`${double.url}/`, {
    method: 'POST',
    headers: { 'content-type': form, 'x-amz-date': date, authorization, ...sent.headers },
    body: sent.body ?? body,
  });
  const text = await response.text();
  return { status: response.status, code: /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? '', text };
}

describe('a signature', () => {
  test('that is right is accepted: the control for those that are not', async () => {
    const { status, text } = await send(await startDouble(), good);
    expect(status).toBe(200);
    expect(text).toContain('<DescribeDBInstancesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/">');
  });

  const longAgo = new Date(Date.now() - 16 * 60 * 1_000);
  test.each<[string, string, Changes]>([
    ['an unknown key', 'InvalidClientTokenId', { key: { accessKeyId: 'AKIDOTHER' } }],
    ['a wrong secret key', 'SignatureDoesNotMatch', { key: { secretAccessKey: 'other' } }],
    ['another service', 'SignatureDoesNotMatch', { service: 'iam' }],
    ['an old date', 'SignatureDoesNotMatch', { at: longAgo }],
    ['another day in the scope', 'SignatureDoesNotMatch', { scopeDay: '20200101' }],
    ['an unsigned host', 'SignatureDoesNotMatch', { signedHeaders: ['content-type', 'x-amz-date'] }],
    ['an unsigned date', 'SignatureDoesNotMatch', { signedHeaders: ['content-type', 'host'] }],
    ['a body that is not the signed one', 'SignatureDoesNotMatch', { sent: { body: `${good}&MaxRecords=20` } }],
    [
      'a hash that is not the body’s',
      'SignatureDoesNotMatch',
      { sent: { headers: { 'x-amz-content-sha256': 'a'.repeat(64) } } },
    ],
    ['no signature', 'IncompleteSignature', { sent: { headers: { authorization: 'none' } } }],
  ])('with %s is refused: %s', async (_what, code, changes) => {
    const double = await startDouble();
    expect(await send(double, good, changes)).toMatchObject({ status: 403, code });
    expect(double.calls).toEqual([]);
  });

  test('that is absent is refused', async () => {
    const double = await startDouble();
    const response = await fetch(double.url, { method: 'POST', headers: { 'content-type': form }, body: good });
    expect([response.status, await response.text()]).toEqual([
      403,
      expect.stringContaining('MissingAuthenticationToken'),
    ]);
  });
});

describe('a request', () => {
  test.each([
    ['an unknown action', 'Action=DeleteDBInstance&Version=2014-10-31', 'InvalidAction'],
    ['an action of every object', 'Action=constructor&Version=2014-10-31', 'InvalidAction'],
    ['another version', 'Action=DescribeDBInstances&Version=2014-09-01', 'InvalidAction'],
    ['no version', 'Action=DescribeDBInstances', 'InvalidAction'],
    ['an unknown parameter', `${good}&Identifier=a`, 'MalformedQueryString'],
    ['a parameter of another action', `${good}&DBClusterIdentifier=a`, 'MalformedQueryString'],
    ['a parameter twice', `${good}&Marker=a&Marker=a`, 'MalformedQueryString'],
    ['broken percent-encoding', `${good}&Marker=%zz`, 'MalformedQueryString'],
    ['an empty value', `${good}&DBInstanceIdentifier=`, 'InvalidParameterValue'],
    ['a wrong identifier', `${good}&DBInstanceIdentifier=a_b`, 'InvalidParameterValue'],
    ['two hyphens in a row', `${good}&DBInstanceIdentifier=a--b`, 'InvalidParameterValue'],
    [
      'an ARN of another Region',
      `${good}&DBInstanceIdentifier=arn:aws:rds:eu-west-1:123456789012:db:a`,
      'InvalidParameterValue',
    ],
    [
      'an ARN of a cluster',
      `${good}&DBInstanceIdentifier=arn:aws:rds:us-east-1:123456789012:cluster:a`,
      'InvalidParameterValue',
    ],
    ['an unknown instance', `${good}&DBInstanceIdentifier=absent`, 'DBInstanceNotFound'],
    [
      'an unknown cluster',
      'Action=DescribeDBClusters&Version=2014-10-31&DBClusterIdentifier=absent',
      'DBClusterNotFoundFault',
    ],
    ['too few records a page', `${good}&MaxRecords=19`, 'InvalidParameterValue'],
    ['too many records a page', `${good}&MaxRecords=101`, 'InvalidParameterValue'],
    ['records that are no number', `${good}&MaxRecords=1e2`, 'InvalidParameterValue'],
    ['an unknown marker', `${good}&Marker=x`, 'InvalidParameterValue'],
  ])('with %s is refused', async (_what, body, code) => {
    expect(await send(await startDouble(), body)).toMatchObject({ code });
  });

  test('by another method, path or content type is refused', async () => {
    const double = await startDouble();
    expect((await fetch(double.url)).status).toBe(400);
    expect((await fetch(`${double.url}/x`, { method: 'POST', body: good })).status).toBe(400);
    const json = { sent: { headers: { 'content-type': 'application/json' } } };
    expect(await send(double, good, json)).toMatchObject({ code: 'InvalidContentType' });
  });
});

describe('pages', () => {
  function clientOf(double: RdsDouble): RDSClient {
    const client = new RDSClient({
      region: 'us-east-1',
      endpoint: double.url,
      credentials: double.key,
      maxAttempts: 1,
    });
    onTestFinished(() => client.destroy());
    return client;
  }

  test('end to end hold every instance of the Region once', async () => {
    const double = await startDouble();
    for (let i = 0; i < 45; i += 1) double.fleet.addInstance(`db-${i}`);
    double.fleet.addInstance('elsewhere', { region: 'eu-west-1' });
    const sizes: number[] = [];
    const found: (string | undefined)[] = [];
    for await (const { DBInstances = [] } of paginateDescribeDBInstances(
      { client: clientOf(double), pageSize: 20 },
      {},
    )) {
      sizes.push(DBInstances.length);
      found.push(...DBInstances.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier));
    }
    expect(sizes).toEqual([20, 20, 5]);
    expect(found).toEqual(Array.from({ length: 45 }, (_, i) => `db-${i}`));
  });

  test('a marker is no use for another request', async () => {
    const double = await startDouble({ pageSize: 1 });
    double.fleet.addInstance('a');
    double.fleet.addInstance('b');
    const client = clientOf(double);
    const { Marker } = await client.send(new DescribeDBInstancesCommand({}));
    expect((await client.send(new DescribeDBInstancesCommand({ Marker }))).DBInstances).toHaveLength(1);
    await expect(
      client.send(new DescribeDBInstancesCommand({ Marker, DBInstanceIdentifier: 'a' })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });
});
