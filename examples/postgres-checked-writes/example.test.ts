import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { alternatingUsers, RotationFunction, type RotationFunctionOptions } from '@keyturn/core';
import { type RunningService, recordOutput, recordSecret } from '@keyturn/engine-conformance';
import { postgres } from '@keyturn/engine-postgres';
import { LocalSecretsManager } from '@keyturn/local-secrets-manager';
import { services } from '@keyturn/service-postgres';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { CheckedWrites } from './handler.ts';

const arn = 'arn:aws:lambda:us-east-1:123456789012:function:rotate';
let running: RunningService;

beforeAll(async () => {
  const newest = services.at(-1);
  if (newest === undefined) throw new Error('there is no PostgreSQL for this platform');
  await newest.prepare();
  running = await newest.start();
});
afterAll(async () => {
  recordOutput(running.log());
  await running.stop();
});
beforeEach(async () => {
  await running.execute('DROP TABLE IF EXISTS public.orders');
  await running.execute('CREATE TABLE public.orders (id int, note text)');
});

/** A secret of a user that may write orders, and the function that rotates it. */
async function start(make: (options: RotationFunctionOptions) => RotationFunction) {
  const user = { username: `app_${randomUUID().slice(0, 8)}`, password: randomUUID() };
  await running.createUser(user.username, user.password);
  await running.execute(`GRANT SELECT, INSERT, UPDATE ON public.orders TO ${user.username}`);
  const manager = new LocalSecretsManager({ rotation: { attempts: 1 } });
  const person = new SecretsManagerClient(manager.clientOptions({ caller: 'person' }));
  const client = new SecretsManagerClient(manager.clientOptions({ functionName: 'rotate' }));
  const at = { engine: 'postgres', host: running.host, port: running.port, dbname: running.database };
  const store = async (Name: string, secret: object): Promise<string> =>
    (await person.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(secret) }))).ARN ?? '';
  const masterSecretArn = await store('master', { ...at, ...running.administrator });
  const SecretId = await store('app', { ...at, ...user });
  const rotation = make({ client, masterSecretArn, tls: { ca: running.ca }, env: {} });
  const failures: string[] = [];
  manager.registerFunction('rotate', (event, context) =>
    rotation.handler(event, context).catch((error: Error) => {
      failures.push(error.message.split('.')[0] ?? '');
      throw error;
    }),
  );
  const current = async (): Promise<{ username: string; password: string }> => {
    const { SecretString = '' } = await person.send(new GetSecretValueCommand({ SecretId }));
    return JSON.parse(SecretString);
  };
  const rotate = async (): Promise<string> => {
    const ClientRequestToken = randomUUID();
    await person.send(new RotateSecretCommand({ SecretId, ClientRequestToken, RotationLambdaARN: arn }));
    return (await manager.rotationSettled(SecretId)).outcome;
  };
  onTestFinished(async () => {
    recordSecret(user.password);
    recordSecret((await current()).password);
    await manager.close();
  });
  return { user, rotate, current, failures };
}

/** Somebody's own rule, which no comparison of rights can see: only this user may write. */
async function onlyMayWrite(username: string): Promise<void> {
  await running.execute(`CREATE OR REPLACE FUNCTION public.only_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF session_user <> '${username}' THEN RAISE EXCEPTION 'not you'; END IF; RETURN NULL; END $$`);
  await running.execute(
    'CREATE TRIGGER only_one BEFORE UPDATE ON public.orders FOR EACH STATEMENT EXECUTE FUNCTION public.only_one()',
  );
}

test('a user that may write is promoted', async () => {
  const { user, rotate, current, failures } = await start((options) => new CheckedWrites(options));
  expect([await rotate(), ...failures]).toEqual(['succeeded']);
  expect((await current()).username).toBe(`${user.username}_clone`);
});

test('a user that logs in and may not write is not promoted, and the one in use goes on', async () => {
  const { user, rotate, current, failures } = await start((options) => new CheckedWrites(options));
  await onlyMayWrite(user.username);
  expect(await rotate()).toBe('failed');
  expect(failures).toEqual([expect.stringContaining('[statement-failed] testSecret: the user cannot write orders')]);
  expect(failures[0]).toContain('with AWSPENDING (P0001)');
  expect(await current()).toMatchObject(user);
  expect(await running.logsIn(user.username, user.password)).toBe(true);
});

test('the control: without the check the same user is promoted', async () => {
  const plain = (options: RotationFunctionOptions) => new RotationFunction(alternatingUsers(postgres()), options);
  const { user, rotate, current } = await start(plain);
  await onlyMayWrite(user.username);
  expect(await rotate()).toBe('succeeded');
  expect((await current()).username).toBe(`${user.username}_clone`);
});
