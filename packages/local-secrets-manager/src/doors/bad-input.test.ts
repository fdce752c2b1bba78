import { request } from 'node:http';
import { expect, it } from 'vitest';
import { rawCaller, service, token } from '../../testing/service.ts';
import { snapshot } from '../../testing/snapshot.ts';
import { ManualClock } from '../clock.ts';

const SecretId = 'app/db';

interface Reply {
  readonly status: number | undefined;
  readonly type: unknown;
}

/** A service with one secret that has seen something, and raw HTTP to it. */
async function started() {
  const local = service({ clock: new ManualClock() });
  local.registerFunction('rotate-db', () => undefined);
  const call = rawCaller(local);
  const [v1, v2] = [token(), token()];
  await call('CreateSecret', { Name: SecretId, SecretString: 'S0', ClientRequestToken: v1 });
  await call('PutSecretValue', { SecretId, SecretString: 'S1', ClientRequestToken: v2 });
  const { port } = await local.listen();
  const send = (operation: string, body: string | object, headers: Record<string, string> = {}) =>
    new Promise<Reply>((resolve, reject) => {
      const target = { 'x-amz-target': `secretsmanager.${operation}`, 'content-type': 'application/x-amz-json-1.1' };
      const options = { host: '127.0.0.1', port, method: 'POST', agent: false, headers: { ...target, ...headers } };
      const sent = request(options, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve({ status: response.statusCode, type: JSON.parse(text).__type }));
      });
      sent.on('error', reject);
      sent.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  return { call, send, v1, v2 };
}

type World = Awaited<ReturnType<typeof started>>;
const put = (more: object) => ({ SecretId, SecretString: 'S2', ClientRequestToken: token(), ...more });
const rotate = (RotationRules: object) => ({
  SecretId,
  ClientRequestToken: token(),
  RotationLambdaARN: 'rotate-db',
  RotationRules,
});

it.each<[string, number, string, (world: World) => Promise<Reply>]>([
  ['malformed JSON', 400, 'SerializationException', ({ send }) => send('PutSecretValue', '{"SecretId": "app/db", ')],
  ['JSON that is no object', 400, 'SerializationException', ({ send }) => send('PutSecretValue', '[1, 2]')],
  ['bytes that are no text', 400, 'SerializationException', ({ send }) => send('PutSecretValue', '\u0000\uFFFD{')],
  ['a missing target', 400, 'UnknownOperationException', ({ send }) => send('', put({}), { 'x-amz-target': '' })],
  ['an operation that does not exist', 400, 'UnknownOperationException', ({ send }) => send('StealSecret', put({}))],
  [
    'a target of another service',
    400,
    'UnknownOperationException',
    ({ send }) => send('', put({}), { 'x-amz-target': 'DynamoDB_20120810.PutItem' }),
  ],
  [
    'another content type',
    400,
    'UnknownOperationException',
    ({ send }) => send('PutSecretValue', put({}), { 'content-type': 'text/plain' }),
  ],
  [
    'a form',
    400,
    'UnknownOperationException',
    ({ send }) => send('PutSecretValue', put({}), { 'content-type': 'application/x-www-form-urlencoded' }),
  ],
  [
    'a body that is too large',
    413,
    'RequestEntityTooLargeException',
    ({ send }) => send('PutSecretValue', put({ SecretString: 'x'.repeat(2_000_000) })),
  ],
  [
    'a value of 65,537 bytes',
    400,
    'ValidationException',
    ({ send }) => send('PutSecretValue', put({ SecretString: 'x'.repeat(65_537) })),
  ],
  [
    'a name outside the pattern',
    400,
    'ValidationException',
    ({ send }) => send('CreateSecret', { ...put({}), Name: 'a b' }),
  ],
  [
    'a name of 513 characters',
    400,
    'ValidationException',
    ({ send }) => send('CreateSecret', { ...put({}), Name: 'a'.repeat(513) }),
  ],
  [
    'a short token',
    400,
    'InvalidParameterException',
    ({ send }) => send('PutSecretValue', put({ ClientRequestToken: 'short' })),
  ],
  [
    'a rotation token outside the pattern',
    400,
    'ValidationException',
    ({ send }) => send('PutSecretValue', put({ RotationToken: '*'.repeat(40) })),
  ],
  [
    'the token of another version',
    400,
    'ResourceExistsException',
    ({ send, v1 }) => send('PutSecretValue', put({ ClientRequestToken: v1 })),
  ],
  [
    'a label moved without saying from where',
    400,
    'InvalidParameterException',
    ({ send, v1 }) => send('UpdateSecretVersionStage', { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: v1 }),
  ],
  [
    'a label moved from where it is not',
    400,
    'InvalidParameterException',
    ({ send, v1, v2 }) =>
      send('UpdateSecretVersionStage', {
        SecretId,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: v2,
        RemoveFromVersionId: v1,
      }),
  ],
  [
    'AWSCURRENT taken off',
    400,
    'InvalidParameterException',
    ({ send, v2 }) =>
      send('UpdateSecretVersionStage', { SecretId, VersionStage: 'AWSCURRENT', RemoveFromVersionId: v2 }),
  ],
  [
    'a label moved to no version',
    400,
    'ResourceNotFoundException',
    ({ send }) => send('UpdateSecretVersionStage', { SecretId, VersionStage: 'BLUE', MoveToVersionId: token() }),
  ],
  [
    '21 labels at once',
    400,
    'ValidationException',
    ({ send }) => send('PutSecretValue', put({ VersionStages: Array.from({ length: 21 }, (_, index) => `L${index}`) })),
  ],
  [
    '21 labels in all',
    400,
    'LimitExceededException',
    // AWSCURRENT and AWSPREVIOUS are two of them.
    ({ send }) => send('PutSecretValue', put({ VersionStages: Array.from({ length: 19 }, (_, index) => `L${index}`) })),
  ],
  [
    'a rate of minutes',
    400,
    'InvalidParameterException',
    ({ send }) => send('RotateSecret', rotate({ ScheduleExpression: 'rate(90 minutes)' })),
  ],
  [
    'a rate of three hours',
    400,
    'InvalidParameterException',
    ({ send }) => send('RotateSecret', rotate({ ScheduleExpression: 'rate(3 hours)' })),
  ],
  [
    'a cron with minutes',
    400,
    'InvalidParameterException',
    ({ send }) => send('RotateSecret', rotate({ ScheduleExpression: 'cron(15 3 * * ? *)' })),
  ],
  [
    'a schedule that is none',
    400,
    'InvalidParameterException',
    ({ send }) => send('RotateSecret', rotate({ ScheduleExpression: 'sometimes' })),
  ],
  [
    'a window over midnight',
    400,
    'InvalidParameterException',
    ({ send }) => send('RotateSecret', rotate({ ScheduleExpression: 'cron(0 22 * * ? *)', Duration: '4h' })),
  ],
  [
    'a function that is not there',
    400,
    'AccessDeniedException',
    ({ send }) => send('RotateSecret', { ...rotate({ AutomaticallyAfterDays: 1 }), RotationLambdaARN: 'absent' }),
  ],
])('%s: %i %s, and nothing has changed', async (_what, status, type, act) => {
  const world = await started();
  await snapshot(world.call);
  const before = await snapshot(world.call);
  expect(await act(world)).toEqual({ status, type });
  expect(await snapshot(world.call)).toEqual(before);
});

it('control: the same calls with nothing wrong change something', async () => {
  const { call, send } = await started();
  await snapshot(call);
  const before = await snapshot(call);
  expect(await send('PutSecretValue', put({}))).toEqual({ status: 200, type: undefined });
  expect(await snapshot(call)).not.toEqual(before);
});

it('the 101st version: LimitExceededException, and nothing has changed', async () => {
  const { call, send } = await started();
  for (let index = 2; index < 100; index++) await call('PutSecretValue', put({ SecretString: `S${index}` }));
  await snapshot(call);
  const before = await snapshot(call);
  expect(await send('PutSecretValue', put({}))).toEqual({ status: 400, type: 'LimitExceededException' });
  expect(await send('UpdateSecret', put({}))).toEqual({ status: 400, type: 'LimitExceededException' });
  expect(await snapshot(call)).toEqual(before);
});
