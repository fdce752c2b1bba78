import { BatchGetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { clientThrough, doors, type RawCall, rawCaller, service, token } from '../../testing/service.ts';

async function withSecrets(count: number, local = service()): Promise<RawCall> {
  const call = rawCaller(local);
  for (let index = 0; index < count; index++) {
    const Name = `s-${String(index).padStart(2, '0')}`;
    await call('CreateSecret', { Name, ClientRequestToken: token(), SecretString: `value ${index}` });
  }
  return call;
}

it.each(doors)('values are read by name, and each failure is told beside them (%s)', async (door) => {
  const local = service();
  const call = await withSecrets(3, local);
  await call('DeleteSecret', { SecretId: 's-01' });
  const client = await clientThrough(door, local);
  const { SecretValues, Errors } = await client.send(
    new BatchGetSecretValueCommand({ SecretIdList: ['s-02', 's-01', 'absent', 's-00'] }),
  );
  expect(SecretValues).toMatchObject([
    { Name: 's-02', SecretString: 'value 2', VersionStages: ['AWSCURRENT'], CreatedDate: expect.any(Date) },
    { Name: 's-00', SecretString: 'value 0' },
  ]);
  expect(Errors).toEqual([
    {
      SecretId: 's-01',
      ErrorCode: 'InvalidRequestException',
      Message: "You can't perform this operation on the secret because it was marked for deletion.",
    },
    {
      SecretId: 'absent',
      ErrorCode: 'ResourceNotFoundException',
      Message: "Secrets Manager can't find the specified secret.",
    },
  ]);
});

it('filtered values come in pages of 20, or as many as asked', async () => {
  const call = await withSecrets(25);
  const Filters = [{ Key: 'name', Values: ['s-'] }];
  const first = await call('BatchGetSecretValue', { Filters });
  expect(first.body.SecretValues).toHaveLength(20);
  const rest = await call('BatchGetSecretValue', { Filters, NextToken: first.body.NextToken });
  expect(rest.body.SecretValues).toHaveLength(5);
  expect(rest.body.NextToken).toBeUndefined();
  const two = await call('BatchGetSecretValue', { Filters, MaxResults: 2 });
  expect(two.body.SecretValues).toHaveLength(2);
});

it('names or filters, one of them', async () => {
  const call = await withSecrets(1);
  const both = { SecretIdList: ['s-00'], Filters: [{ Key: 'name', Values: ['s'] }] };
  const message = "Either 'SecretIdList' or 'Filters' must be provided, but not both.";
  for (const input of [{}, both]) {
    expect((await call('BatchGetSecretValue', input)).body).toEqual({
      __type: 'InvalidParameterException',
      Message: message,
    });
  }
  expect((await call('BatchGetSecretValue', { SecretIdList: ['s-00'], MaxResults: 1 })).body.__type).toBe(
    'InvalidParameterException',
  );
});

it('a read by batch is a read: it dates the access', async () => {
  const call = await withSecrets(1);
  expect((await call('DescribeSecret', { SecretId: 's-00' })).body.LastAccessedDate).toBeUndefined();
  await call('BatchGetSecretValue', { SecretIdList: ['s-00'] });
  expect((await call('DescribeSecret', { SecretId: 's-00' })).body.LastAccessedDate).toBeTypeOf('number');
});
