import { type ErrorCode, Password, RotationError } from '@keyturn/core';
import { describe, expect, test } from 'vitest';
import type { AccessKeyWorld } from '../testing/access-key-world.ts';
import type { QueryAction, QueryHook } from '../testing/aws-double.ts';
import { begun, waiting } from '../testing/begun-world.ts';
import { iamAccessKey } from './index.ts';

/** A world with a rotation begun, whose services answer like this. */
function begunWith(onServiceCall: QueryHook): Promise<AccessKeyWorld> {
  return begun({ makeFunction: waiting(100), onServiceCall });
}

/** This answer to every call of one action, before it takes effect. */
function always(operation: string, action: QueryAction): QueryHook {
  return (point) => (point.operation === operation && point.moment === 'before' ? action : 'pass');
}

/** Would be a catastrophe in a message. */
const hostile = 'wJalrXUtnFEMI/K7MDENG+the-message-may-hold-anything';

const refusals: [operation: string, code: string, becomes: ErrorCode][] = [
  ['ListAccessKeys', 'AccessDenied', 'service-denied'],
  ['ListAccessKeys', 'NoSuchEntity', 'credential-unknown'],
  ['ListAccessKeys', 'ServiceFailure', 'service-failed'],
  ['ListAccessKeys', 'InvalidClientTokenId', 'service-denied'],
  ['ListAccessKeys', 'ExpiredToken', 'service-denied'],
  ['CreateAccessKey', 'AccessDenied', 'service-denied'],
  ['CreateAccessKey', 'LimitExceeded', 'credential-limit-reached'],
  ['CreateAccessKey', 'NoSuchEntity', 'credential-unknown'],
  ['CreateAccessKey', 'ServiceFailure', 'service-failed'],
  ['CreateAccessKey', 'Throttling', 'service-throttled'],
  ['GetCallerIdentity', 'InvalidClientTokenId', 'login-failed'],
  ['GetCallerIdentity', 'SignatureDoesNotMatch', 'login-failed'],
  ['GetCallerIdentity', 'ExpiredToken', 'login-failed'],
  ['GetCallerIdentity', 'OptInRequired', 'login-failed'],
  ['GetCallerIdentity', 'Throttling', 'service-throttled'],
  ['GetCallerIdentity', 'InternalFailure', 'service-failed'],
];

describe('a refusal becomes an error of ours', () => {
  test.each(refusals)('%s: %s becomes %s, and nothing of its message is told', async (operation, code, becomes) => {
    const world = await begunWith(
      always(operation, { code, message: hostile, status: code === 'ServiceFailure' ? 500 : 400 }),
    );
    const error: unknown = await world.step('createSecret').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RotationError);
    expect(error).toMatchObject({ code: becomes, step: 'createSecret', driverCode: expect.stringContaining(code) });
    expect(`${(error as Error).stack} ${JSON.stringify(error)}`).not.toContain('wJalr');
    expect(world.account.live(world.user)).toHaveLength(1);
    expect((await world.values()).has(world.token)).toBe(false);
  });

  test('a name of an error that is no word is not told', async () => {
    const world = await begunWith(always('ListAccessKeys', { code: hostile }));
    await expect(world.step('createSecret')).rejects.toMatchObject({
      code: 'service-failed',
      driverCode: 'UnknownError',
    });
  });

  test('a broken connection names the call and the endpoint', async () => {
    const world = await begunWith(always('GetCallerIdentity', 'drop'));
    await expect(world.step('createSecret')).rejects.toMatchObject({
      code: 'service-unreachable',
      endpoint: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      driverCode: 'ECONNRESET',
    });
  });

  test.each(['GetCallerIdentity', 'ListAccessKeys', 'CreateAccessKey'])(
    'no answer to %s ends with the invocation’s time, and names the call',
    async (operation) => {
      const world = await begunWith(always(operation, 'freeze'));
      await expect(world.step('createSecret', 700)).rejects.toMatchObject({
        code: 'deadline-exceeded',
        message: expect.stringContaining(operation),
      });
    },
  );

  test('a port on which nobody listens', async () => {
    const issuer = iamAccessKey({ region: 'eu-west-1', stsEndpoint: 'http://127.0.0.1:1', credentials: undefined });
    const credential = { id: 'AKIAABCDEFGHIJKLMNOP', secret: new Password('not a secret of anybody') };
    await expect(issuer.prove(credential, new AbortController().signal)).rejects.toMatchObject({
      code: 'service-unreachable',
      endpoint: '127.0.0.1:1',
      driverCode: 'ECONNREFUSED',
    });
  });
});

describe('CreateAccessKey', () => {
  test('is sent again while IAM only says that calls come too fast', async () => {
    const world = await begunWith(({ operation, moment, nth }) =>
      operation === 'CreateAccessKey' && moment === 'before' && nth < 3 ? { code: 'Throttling' } : 'pass',
    );
    await world.steps('createSecret', 'setSecret', 'testSecret', 'finishSecret');
    expect(await world.faults()).toEqual([]);
  });

  test('is sent once where its answer is lost, and the next try deletes what it made', async () => {
    let dropped = false;
    const world = await begunWith(({ operation, moment }) => {
      if (dropped || operation !== 'CreateAccessKey' || moment !== 'after') return 'pass';
      dropped = true;
      return 'drop';
    });
    await expect(world.step('createSecret')).rejects.toMatchObject({
      code: 'service-unreachable',
      message: expect.stringContaining('the next try finds it and deletes it'),
    });
    expect(world.serviceCalls.filter((call) => call.startsWith('CreateAccessKey'))).toEqual(['CreateAccessKey']);
    const [, lost] = world.user.keys;
    expect(lost?.deleted).toBe(false);
    await world.steps('createSecret', 'setSecret', 'testSecret', 'finishSecret');
    expect(lost?.deleted).toBe(true);
    expect(await world.faults()).toEqual([]);
  });
});
