import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { clientThrough, service } from '../../testing/service.ts';
import type { CallPoint, Fault, FaultAction, LocalSecretsManager } from '../index.ts';

const SecretId = 'app/db';

async function start(): Promise<{ local: LocalSecretsManager; client: SecretsManagerClient }> {
  const local = service();
  const client = await clientThrough('in-process', local);
  await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'old' }));
  return { local, client };
}

describe('which calls a fault strikes', () => {
  const outcomes = async (faults: Fault[], calls: number): Promise<string> => {
    const { local, client } = await start();
    local.setFaults(faults);
    for (let call = 0; call < calls; call++) {
      await client.send(new GetSecretValueCommand({ SecretId })).catch(() => undefined);
      await client.send(new DescribeSecretCommand({ SecretId })).catch(() => undefined);
    }
    return local.timeline
      .of('call')
      .slice(1)
      .map(({ outcome, operation }) => (outcome === 'ok' ? '.' : operation.charAt(0)))
      .join('');
  };
  const throttle = { action: 'throttle', moment: 'before' } as const;

  it.each<[string, Fault, string]>([
    ['every call', throttle, 'GDGDGDGD'],
    ['every call of an operation', { ...throttle, operation: 'GetSecretValue' }, 'G.G.G.G.'],
    ['the nth call of an operation', { ...throttle, operation: 'GetSecretValue', nth: 3 }, '....G...'],
    ['the nth call of any operation', { ...throttle, nth: 4 }, '...D....'],
    ['some calls from the nth', { ...throttle, operation: 'DescribeSecret', nth: 2, times: 2 }, '...D.D..'],
    ['the first calls', { ...throttle, times: 3 }, 'GDG.....'],
    ['calls of another caller', { ...throttle, caller: 'someone' }, '........'],
    ['calls for another secret', { ...throttle, secretId: 'other' }, '........'],
  ])('%s', async (_which, fault, expected) => {
    expect(await outcomes([fault], 4)).toBe(expected);
  });
});

describe('hooks', () => {
  it('hear of each call twice, with its counts, its secret and its caller', async () => {
    const { local, client: observer } = await start();
    const points: CallPoint[] = [];
    local.setOnCall((point) => {
      points.push(point);
      return undefined;
    });
    const { ARN } = await observer.send(new DescribeSecretCommand({ SecretId }));
    await observer.send(new PutSecretValueCommand({ SecretId, SecretString: 'new' }));
    await observer.send(new DescribeSecretCommand({ SecretId }));
    const point = { secretId: ARN, caller: 'in-process', functionName: undefined };
    const twice = (rest: Pick<CallPoint, 'operation' | 'nth' | 'call'>) => [
      { ...point, ...rest, moment: 'before' },
      { ...point, ...rest, moment: 'after' },
    ];
    expect(points).toEqual([
      ...twice({ operation: 'DescribeSecret', nth: 1, call: 1 }),
      ...twice({ operation: 'PutSecretValue', nth: 1, call: 2 }),
      ...twice({ operation: 'DescribeSecret', nth: 2, call: 3 }),
    ]);
  });

  it('of a door hear only of its calls, counted by themselves', async () => {
    const { local, client: observer } = await start();
    const heard: string[] = [];
    const onCall =
      (name: string) =>
      ({ nth, call, moment, caller }: CallPoint): FaultAction => {
        if (moment === 'before') heard.push(`${name}: ${caller} ${nth} ${call}`);
        return { action: 'pass' };
      };
    const one = new SecretsManagerClient(local.clientOptions({ caller: 'one', onCall: onCall('one') }));
    const two = new SecretsManagerClient(local.clientOptions({ caller: 'two', onCall: onCall('two') }));
    const read = new DescribeSecretCommand({ SecretId });
    for (const client of [observer, one, two, two]) await client.send(read);
    expect(heard).toEqual(['one: one 1 1', 'two: two 1 1', 'two: two 2 2']);
    expect(local.timeline.of('call').map(({ caller }) => caller)).toEqual([
      'in-process',
      'in-process',
      'one',
      'two',
      'two',
    ]);
  });

  it('may decide by anything they see, and may wait', async () => {
    const { local, client } = await start();
    local.setOnCall(async ({ operation, nth, moment }) => {
      await Promise.resolve();
      return operation === 'GetSecretValue' && nth === 2 && moment === 'after' ? { action: 'throttle' } : undefined;
    });
    const read = () =>
      client.send(new GetSecretValueCommand({ SecretId })).then(
        () => 'ok',
        (error: Error) => error.name,
      );
    expect([await read(), await read(), await read()]).toEqual(['ok', 'ThrottlingException', 'ok']);
  });
});
