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
import { HttpApiKeys } from './handler.ts';

const arn = 'arn:aws:lambda:us-east-1:123456789012:function:rotate';

/** The secret with the account's key, and the function that rotates it. */
async function start() {
  const api = new FakeApi();
  await api.start();
  const manager = new LocalSecretsManager({ rotation: { attempts: 2 } });
  const person = new SecretsManagerClient(manager.clientOptions({ caller: 'person' }));
  const client = new SecretsManagerClient(manager.clientOptions({ functionName: 'rotate' }));
  manager.registerFunction('rotate', (event) =>
    new HttpApiKeys(api.url, { client, consistencyWaitMs: 100, env: {} }).handler(event),
  );
  const { id: keyId, apiKey } = api.makeKey();
  const SecretString = JSON.stringify({ keyId, apiKey, account: 'maps', kept: 'as it is' });
  const { ARN = '' } = await person.send(new CreateSecretCommand({ Name: 'maps', SecretString }));
  onTestFinished(async () => {
    recordSecret(apiKey);
    for (const key of api.keys.values()) recordSecret(key.apiKey);
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
  return { api, manager, rotate, current, first: apiKey };
}

test('the key rotates, and the one before it works until the next rotation', async () => {
  const { api, rotate, current, first } = await start();
  expect(await rotate()).toBe('succeeded');
  const second = await current();
  expect(second).toMatchObject({ account: 'maps', kept: 'as it is' });
  expect([api.accepts(first), api.accepts(second.apiKey ?? '')]).toEqual([true, true]);
  expect(await rotate()).toBe('succeeded');
  const third = await current();
  expect([first, second.apiKey, third.apiKey].map((key) => api.accepts(key ?? ''))).toEqual([false, true, true]);
  expect(api.keys.size).toBe(2);
});

test('a process that dies after the API has made a key leaves none behind', async () => {
  const { api, manager, rotate, current } = await start();
  const kill = {
    action: 'kill',
    functionName: 'rotate',
    operation: 'PutSecretValue',
    nth: 1,
    moment: 'before',
  } as const;
  manager.setFaults([kill]);
  expect(await rotate()).toBe('succeeded');
  expect(api.log.filter((line) => line.startsWith('POST'))).toEqual(['POST /keys 201', 'POST /keys 201']);
  expect(api.log).toContain('DELETE /keys/KEY 204');
  expect(api.keys.size).toBe(2);
  expect(api.accepts((await current()).apiKey ?? '')).toBe(true);
});

test('a key that the API refuses fails createSecret, and the API has made nothing', async () => {
  const { api, rotate, current } = await start();
  const before = await current();
  for (const key of api.keys.values()) key.active = false;
  expect(await rotate()).toBe('failed');
  expect(await current()).toEqual(before);
  expect(new Set(api.log)).toEqual(new Set(['GET /whoami 401']));
});
