import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { recordSecret } from '@keyturn/engine-conformance';
import { LocalSecretsManager } from '@keyturn/local-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { FakeApi } from './fake-api.ts';
import { HttpApiPassword } from './handler.ts';

const arn = 'arn:aws:lambda:us-east-1:123456789012:function:rotate';

/** The secret with a login of the API, and the function that rotates it. */
async function start(more: object = {}) {
  const api = new FakeApi();
  await api.start();
  const manager = new LocalSecretsManager({ rotation: { attempts: 1 } });
  const person = new SecretsManagerClient(manager.clientOptions({ caller: 'person' }));
  const client = new SecretsManagerClient(manager.clientOptions({ functionName: 'rotate' }));
  const failures: string[] = [];
  const rotation = new HttpApiPassword({ client, env: {} });
  manager.registerFunction('rotate', (event, context) =>
    rotation.handler(event, context).catch((error: { code: string; message: string }) => {
      failures.push(error.code);
      throw error;
    }),
  );
  const password = randomUUID();
  api.passwords.set('app', password);
  const SecretString = JSON.stringify({ url: api.url, username: 'app', password, ...more });
  const { ARN = '' } = await person.send(new CreateSecretCommand({ Name: 'reports', SecretString }));
  onTestFinished(async () => {
    recordSecret(password);
    for (const each of api.passwords.values()) recordSecret(each);
    await manager.close();
    await api.stop();
  });
  const rotate = async (): Promise<string> => {
    const ClientRequestToken = randomUUID();
    await person.send(new RotateSecretCommand({ SecretId: ARN, ClientRequestToken, RotationLambdaARN: arn }));
    return (await manager.rotationSettled(ARN)).outcome;
  };
  const current = async (): Promise<Record<string, string>> => {
    const { SecretString = '' } = await person.send(new GetSecretValueCommand({ SecretId: ARN }));
    return JSON.parse(SecretString);
  };
  return { api, rotate, current, failures, password };
}

test('the password rotates: the API takes the new one, and no request is refused', async () => {
  const { api, rotate, current, password } = await start({ kept: 'as it is' });
  expect(await rotate()).toBe('succeeded');
  const { password: next, kept } = await current();
  expect([next === password, kept, next === api.passwords.get('app')]).toEqual([false, 'as it is', true]);
  expect(api.log).toEqual(['GET app 200', 'PUT app 204', 'GET app 200']);
});

test('a password that the API refuses leaves the old one in force, and a later rotation comes through', async () => {
  const { api, rotate, current, failures, password } = await start();
  api.acceptable = () => false;
  expect(await rotate()).toBe('failed');
  expect(failures).toEqual(['password-refused']);
  expect([(await current()).password, api.passwords.get('app')]).toEqual([password, password]);
  api.acceptable = () => true;
  expect(await rotate()).toBe('succeeded');
});

test('an API that is overloaded is not taken for one that refuses the password', async () => {
  const { api, rotate, failures } = await start();
  api.status = 503;
  expect(await rotate()).toBe('failed');
  expect(failures).toEqual(['service-failed']);
  expect(api.log).toEqual(['GET app 503']);
});

test('a URL without TLS gets no password', async () => {
  const { api, rotate, failures } = await start({ url: 'http://reports.example' });
  expect(await rotate()).toBe('failed');
  expect([failures, api.log]).toEqual([['invalid-secret'], []]);
});
