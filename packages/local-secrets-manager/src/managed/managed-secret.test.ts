import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { rawCaller, service, token } from '../../testing/service.ts';
import { LocalSecretsManager } from '../index.ts';

const serverArn = 'arn:aws:rds:us-east-1:123456789012:db:orders';
const options = {
  name: 'rds!db-3bea3cf2',
  owningService: 'rds',
  systemTags: { 'aws:rds:primaryDBInstanceArn': serverArn },
  value: '{"username":"postgres","password":"first"}',
};

function managed() {
  const local = service();
  const call = rawCaller(local);
  return { local, call, secret: local.createManagedSecret(options) };
}

it('DescribeSecret tells the owning service, its tags, and a rotation without a function', async () => {
  const { call, secret } = managed();
  const { body } = await call('DescribeSecret', { SecretId: options.name });
  expect(body).toMatchObject({
    ARN: secret.arn,
    Name: 'rds!db-3bea3cf2',
    OwningService: 'rds',
    RotationEnabled: true,
    RotationRules: { AutomaticallyAfterDays: 7 },
    Tags: [
      { Key: 'aws:rds:primaryDBInstanceArn', Value: serverArn },
      { Key: 'aws:secretsmanager:owningService', Value: 'rds' },
    ],
  });
  expect(body).not.toHaveProperty('RotationLambdaARN');
});

it('the filter owning-service finds it, and not the secrets of people', async () => {
  const { call } = managed();
  await call('CreateSecret', { Name: 'own', ClientRequestToken: token(), SecretString: '{}' });
  const { body } = await call('ListSecrets', { Filters: [{ Key: 'owning-service', Values: ['rds'] }] });
  expect(body.SecretList).toMatchObject([{ Name: 'rds!db-3bea3cf2' }]);
  expect(body.SecretList).toHaveLength(1);
});

it.each([
  ['PutSecretValue', { SecretString: 'x', ClientRequestToken: token() }, 'InvalidRequestException'],
  ['UpdateSecret', { Description: 'x', ClientRequestToken: token() }, 'InvalidRequestException'],
  ['UpdateSecretVersionStage', { VersionStage: 'mine' }, 'InvalidRequestException'],
  ['DeleteSecret', {}, 'InvalidRequestException'],
  ['DeleteSecret', { ForceDeleteWithoutRecovery: true }, 'InvalidRequestException'],
  ['RotateSecret', { ClientRequestToken: token() }, 'InvalidRequestException'],
  ['UntagResource', { TagKeys: ['aws:rds:primaryDBInstanceArn'] }, 'InvalidParameterException'],
  [
    'TagResource',
    { Tags: [{ Key: 'AWS:RDS:primaryDBInstanceArn', Value: 'arn:aws:rds:us-east-1:123456789012:db:other' }] },
    'InvalidParameterException',
  ],
])('people cannot call %s with %j for it, and it stays as it was', async (operation, members, type) => {
  const { call } = managed();
  const before = (await call('DescribeSecret', { SecretId: options.name })).body;
  expect((await call(operation, { SecretId: options.name, ...members })).body.__type).toBe(type);
  expect((await call('DescribeSecret', { SecretId: options.name })).body).toEqual(before);
  expect((await call('GetSecretValue', { SecretId: options.name })).body.SecretString).toBe(options.value);
});

it('people add their own tags and take them off, fifty besides those of the service', async () => {
  const { call } = managed();
  const Tags = Array.from({ length: 50 }, (_, index) => ({ Key: `key-${index}`, Value: '' }));
  expect((await call('TagResource', { SecretId: options.name, Tags })).status).toBe(200);
  const more = { SecretId: options.name, Tags: [{ Key: 'one-more', Value: '' }] };
  expect((await call('TagResource', more)).body.__type).toBe('InvalidParameterException');
  expect((await call('UntagResource', { SecretId: options.name, TagKeys: ['key-0'] })).status).toBe(200);
});

it('its service rotates it: the value before becomes AWSPREVIOUS', async () => {
  const { call, secret } = managed();
  secret.rotate('{"username":"postgres","password":"second"}');
  const value = async (VersionStage: string) =>
    (await call('GetSecretValue', { SecretId: secret.arn, VersionStage })).body.SecretString;
  expect(await value('AWSCURRENT')).toBe('{"username":"postgres","password":"second"}');
  expect(await value('AWSPREVIOUS')).toBe(options.value);
});

it('it is still managed after a restart', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'managed-secret-'));
  onTestFinished(() => rm(dataFolder, { recursive: true }));
  const first = await LocalSecretsManager.open({ dataFolder });
  first.createManagedSecret(options);
  await first.close();
  const second = await LocalSecretsManager.open({ dataFolder });
  onTestFinished(() => second.close());
  const { body } = await rawCaller(second)('DescribeSecret', { SecretId: options.name });
  expect(body).toMatchObject({ OwningService: 'rds', Tags: [{ Value: serverArn }, { Value: 'rds' }] });
});

it('a tag that is no system tag and a name that is taken are errors of the test', () => {
  const { local } = managed();
  expect(() => local.createManagedSecret(options)).toThrow('is there already');
  expect(() => local.createManagedSecret({ ...options, name: 'other', systemTags: { team: 'x' } })).toThrow(
    'begins with aws:',
  );
});
