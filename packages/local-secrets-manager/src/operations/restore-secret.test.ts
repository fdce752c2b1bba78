import { expect, it } from 'vitest';
import { rawCaller, service, token } from '../../testing/service.ts';
import { ManualClock } from '../clock.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

async function started() {
  const clock = new ManualClock();
  const call = rawCaller(service({ clock }));
  await call('CreateSecret', { Name: 's', SecretString: 'S0', ClientRequestToken: token() });
  return { clock, call };
}

it('a deleted secret comes back whole within its recovery window', async () => {
  const { clock, call } = await started();
  const before = await call('ListSecretVersionIds', { SecretId: 's' });
  await call('DeleteSecret', { SecretId: 's', RecoveryWindowInDays: 7 });
  expect((await call('GetSecretValue', { SecretId: 's' })).body.__type).toBe('InvalidRequestException');
  clock.advance(7 * DAY_MS - 1);
  expect((await call('RestoreSecret', { SecretId: 's' })).body).toMatchObject({ Name: 's' });
  clock.advance(30 * DAY_MS);
  expect(await call('ListSecretVersionIds', { SecretId: 's' })).toEqual(before);
  expect((await call('DescribeSecret', { SecretId: 's' })).body.DeletedDate).toBeUndefined();
  expect((await call('GetSecretValue', { SecretId: 's' })).body.SecretString).toBe('S0');
});

it('a secret that is gone does not come back, and one that was not deleted stays', async () => {
  const { clock, call } = await started();
  expect((await call('RestoreSecret', { SecretId: 's' })).status).toBe(200);
  await call('DeleteSecret', { SecretId: 's', RecoveryWindowInDays: 7 });
  clock.advance(7 * DAY_MS);
  expect((await call('RestoreSecret', { SecretId: 's' })).body.__type).toBe('ResourceNotFoundException');
});

it('a deleted secret is listed only with IncludePlannedDeletion, and its name is taken', async () => {
  const { call } = await started();
  await call('DeleteSecret', { SecretId: 's' });
  expect((await call('ListSecrets', {})).body.SecretList).toEqual([]);
  expect((await call('ListSecrets', { IncludePlannedDeletion: true })).body.SecretList).toHaveLength(1);
  const again = await call('CreateSecret', { Name: 's', ClientRequestToken: token() });
  expect(again.body.__type).toBe('InvalidRequestException');
});

it.each([
  ['ReplicateSecretToRegions', { AddReplicaRegions: [{ Region: 'eu-west-1' }] }],
  ['RemoveRegionsFromReplication', { RemoveReplicaRegions: ['eu-west-1'] }],
  ['StopReplicationToReplica', {}],
])('%s is refused after the checks that the service makes', async (operation, members) => {
  const { call } = await started();
  expect((await call(operation, { SecretId: 'absent', ...members })).body.__type).toBe('ResourceNotFoundException');
  expect((await call(operation, { SecretId: 's', ...members })).body.__type).toBe('InvalidRequestException');
  const wrong = { AddReplicaRegions: [{ Region: 'nowhere' }], RemoveReplicaRegions: ['nowhere'], SecretId: '' };
  expect((await call(operation, wrong)).body.__type).toBe('ValidationException');
});

it('the key of the service itself is not told, and another is', async () => {
  const { call } = await started();
  const key = async () => (await call('DescribeSecret', { SecretId: 's' })).body.KmsKeyId;
  const update = (KmsKeyId: string) => call('UpdateSecret', { SecretId: 's', KmsKeyId, ClientRequestToken: token() });
  expect(await key()).toBeUndefined();
  await update('alias/own');
  expect(await key()).toBe('alias/own');
  expect((await call('ListSecretVersionIds', { SecretId: 's' })).body.Versions).toMatchObject([
    { KmsKeyIds: ['alias/own'] },
  ]);
  await update('alias/aws/secretsmanager');
  expect(await key()).toBeUndefined();
  await update('');
  expect(await key()).toBeUndefined();
});
