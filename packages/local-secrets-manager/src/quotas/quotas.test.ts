import { expect, it } from 'vitest';
import { rawCaller, service, token } from '../../testing/service.ts';
import { ManualClock } from '../clock.ts';
import { operations } from '../operations/table.ts';
import { publishedQuotas } from './quotas.ts';

async function started(quotas = publishedQuotas) {
  const clock = new ManualClock();
  const local = service({ clock, quotas });
  const call = rawCaller(local);
  await call('CreateSecret', { Name: 's', SecretString: 'S0', ClientRequestToken: token() });
  const times = async (count: number, operation: string, input: Record<string, unknown>) => {
    const types = new Map<unknown, number>();
    for (let index = 0; index < count; index++) {
      const { body } = await call(operation, input);
      const type = body.__type ?? 'ok';
      types.set(type, (types.get(type) ?? 0) + 1);
    }
    return Object.fromEntries(types);
  };
  return { clock, local, call, times };
}

const put = { SecretId: 's', SecretString: 'S0', ClientRequestToken: 'same-token'.padEnd(32, '.') };

it('each operation has a quota, and none has two', () => {
  const named = publishedQuotas.flatMap((quota) => quota.operations);
  expect(named.sort()).toEqual([...operations.keys()].sort());
});

it('above its rate a call is throttled, and a second later it is not', async () => {
  const { clock, call, times } = await started();
  expect(await times(60, 'PutSecretValue', put)).toEqual({ ok: 50, ThrottlingException: 10 });
  expect((await call('PutSecretValue', put)).body).toEqual({ __type: 'ThrottlingException', message: 'Rate exceeded' });
  clock.advance(1000);
  expect(await times(60, 'PutSecretValue', put)).toEqual({ ok: 50, ThrottlingException: 10 });
});

it('the rate is even: a fifth of a second gives a fifth of the calls', async () => {
  const { clock, times } = await started();
  await times(50, 'PutSecretValue', put);
  clock.advance(200);
  expect(await times(12, 'PutSecretValue', put)).toEqual({ ok: 10, ThrottlingException: 2 });
});

it('operations of one quota share it, and others have their own', async () => {
  const { times } = await started();
  await times(50, 'PutSecretValue', put);
  const UpdateSecret = { SecretId: 's', Description: 'new', ClientRequestToken: token() };
  expect(await times(1, 'UpdateSecret', UpdateSecret)).toEqual({ ThrottlingException: 1 });
  expect(await times(60, 'GetSecretValue', { SecretId: 's' })).toEqual({ ok: 60 });
});

it('a throttled call changes nothing', async () => {
  const { call, times } = await started();
  await times(50, 'TagResource', { SecretId: 's', Tags: [{ Key: 'a', Value: '1' }] });
  const before = await call('DescribeSecret', { SecretId: 's' });
  await call('TagResource', { SecretId: 's', Tags: [{ Key: 'a', Value: '2' }] });
  expect(await call('DescribeSecret', { SecretId: 's' })).toEqual(before);
});

it('control: without quotas nothing is throttled, and they can be set and taken away', async () => {
  const { local, times } = await started([]);
  expect(await times(200, 'PutSecretValue', put)).toEqual({ ok: 200 });
  local.setQuotas([{ operations: ['PutSecretValue'], perSecond: 1 }]);
  expect(await times(3, 'PutSecretValue', put)).toEqual({ ok: 1, ThrottlingException: 2 });
  local.setQuotas([]);
  expect(await times(3, 'PutSecretValue', put)).toEqual({ ok: 3 });
});
