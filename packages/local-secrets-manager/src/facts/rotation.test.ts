import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { bundle } from '../../testing/bundle.ts';
import { eventNames, rotating, SecretId } from '../../testing/rotation.ts';
import { rawCaller, service, token } from '../../testing/service.ts';
import { FunctionError } from '../index.ts';

it('fact 29: each event has its name, its type and, where it tells of a failure, its message', async () => {
  let fails = false;
  const { local, client, rotate, functionArn } = await rotating({
    rotation: { attempts: 1 },
    before: ({ Step }) => {
      if (fails && (Step === 'setSecret' || Step === 'testSecret')) throw new Error('out of order');
    },
  });
  await rotate();
  await local.rotationSettled(SecretId);
  await rotate({ RotateImmediately: false });
  await local.rotationSettled(SecretId);
  fails = true;
  await rotate({ RotateImmediately: false });
  await local.rotationSettled(SecretId);
  await rotate();
  await local.rotationSettled(SecretId);
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'by hand' }));
  expect(eventNames(local)).toEqual([
    'RotationStarted',
    'RotationSucceeded',
    'TestRotationStarted',
    'TestRotationSucceeded',
    'TestRotationStarted',
    'TestRotationFailed',
    'RotationStarted',
    'RotationFailed',
    'RotationAbandoned',
  ]);
  const events = local.timeline.of('rotation');
  expect(new Set(events.map(({ eventType }) => eventType))).toEqual(new Set(['AwsServiceEvent']));
  expect(
    events.flatMap(({ event, errorMessage }) => (errorMessage === undefined ? [] : [[event, errorMessage]])),
  ).toEqual([
    ['TestRotationFailed', `Error when executing lambda ${functionArn} during testSecret step`],
    ['RotationFailed', `Error when executing lambda ${functionArn} during setSecret step`],
  ]);
});

it('fact 30: a function finds no other Lambda function to call: the service answers no such call', async () => {
  const local = service();
  const { url } = await local.listen();
  const invoke = await fetch(`${url}/2015-03-31/functions/another/invocations`, { method: 'POST', body: '{}' });
  expect(invoke.status).toBe(400);
  expect(await invoke.json()).toMatchObject({ __type: 'UnknownOperationException' });
  const { target, line } = bundle(`
    const names = Object.keys(process.env).filter((name) => /ENDPOINT/.test(name)).sort();
    export const handler = () => console.log('endpoints: ' + names.join(' '));
  `);
  const RotationLambdaARN = local.registerFunction('rotate-db', target);
  const call = rawCaller(local);
  await call('CreateSecret', { Name: 's', SecretString: 'S0', ClientRequestToken: token() });
  await call('RotateSecret', { SecretId: 's', RotationLambdaARN, ClientRequestToken: token() });
  expect(await line('endpoints')).toBe('endpoints: AWS_ENDPOINT_URL_SECRETS_MANAGER SECRETS_MANAGER_ENDPOINT');
});

it('fact 30: an invocation that Lambda throttles fails its step, and the rotation is tried again', async () => {
  let throttled = 2;
  const { local, rotate } = await rotating({
    before: () => {
      throttled -= 1;
      if (throttled >= 0) throw new FunctionError('TooManyRequestsException', 'Rate Exceeded.');
    },
  });
  await rotate();
  expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'succeeded', attempts: 3 });
});
