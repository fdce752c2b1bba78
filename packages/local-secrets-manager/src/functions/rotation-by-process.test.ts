import { CreateSecretCommand, DescribeSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { bundle, type StartedBundle, sdk } from '../../testing/bundle.ts';
import { clientThrough, service, token } from '../../testing/service.ts';
import type { LocalSecretsManager } from '../index.ts';

const SecretId = 'app/db';

// A function as users build it: the SDK finds the service through its environment.
const source = `
  import sdk from '${sdk}';
  const client = new sdk.SecretsManagerClient({ maxAttempts: 1 });
  const send = (name, input) => client.send(new sdk[name + 'Command'](input));
  export const handler = async ({ Step, SecretId, ClientRequestToken, RotationToken }) => {
    if (Step === 'createSecret') {
      await send('PutSecretValue', { SecretId, ClientRequestToken, RotationToken, SecretString: 'next', VersionStages: ['AWSPENDING'] });
    }
    if (Step === 'finishSecret') {
      const { VersionIdsToStages } = await send('DescribeSecret', { SecretId });
      const [from] = Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes('AWSCURRENT'));
      await send('UpdateSecretVersionStage', { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: ClientRequestToken, RemoveFromVersionId: from });
    }
  };`;

async function started(): Promise<{
  local: LocalSecretsManager;
  function: StartedBundle;
  rotate(): Promise<string>;
  labels(): Promise<unknown>;
  v1: string;
}> {
  const local = service();
  await local.listen();
  const client = await clientThrough('in-process', local);
  const v1 = token();
  await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'first', ClientRequestToken: v1 }));
  const started = bundle(source);
  local.registerFunction('rotate-db', started.target);
  return {
    local,
    function: started,
    v1,
    rotate: async () =>
      (await client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: 'rotate-db' }))).VersionId ?? '',
    labels: async () => (await client.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages,
  };
}

it('a bundle rotates over HTTP, and the timeline names it as the caller', async () => {
  const { local, rotate, labels, v1 } = await started();
  const v2 = await rotate();
  expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'succeeded' });
  expect(await labels()).toEqual({ [v1]: ['AWSPREVIOUS'], [v2]: ['AWSCURRENT', 'AWSPENDING'] });
  const calls = local.timeline.of('call').filter(({ caller }) => caller === 'rotate-db');
  expect(calls.map(({ operation }) => operation)).toEqual([
    'PutSecretValue',
    'DescribeSecret',
    'UpdateSecretVersionStage',
  ]);
});

it.each(['before', 'after'] as const)(
  'killed %s a call takes effect, its process ends, and a new one completes the rotation',
  async (moment) => {
    const { local, function: running, rotate, labels, v1 } = await started();
    local.setFaults([
      { action: 'kill', moment, operation: 'UpdateSecretVersionStage', functionName: 'rotate-db', nth: 1 },
    ]);
    const v2 = await rotate();
    const result = await local.rotationSettled(SecretId);
    const failed = local.timeline.of('step').filter(({ outcome }) => outcome === 'error');
    expect(failed.map(({ step, error }) => [step, error?.errorType])).toContainEqual([
      'finishSecret',
      'Runtime.ExitError',
    ]);
    expect(failed[0]?.error?.errorMessage).toContain('signal: killed');
    expect(running.target.starts).toBe(2);
    expect(result).toMatchObject({ outcome: 'succeeded', attempts: 2 });
    expect(await labels()).toEqual({ [v1]: ['AWSPREVIOUS'], [v2]: ['AWSCURRENT', 'AWSPENDING'] });
  },
);

it('a kill strikes only the process of the function that makes the call', async () => {
  const { local, rotate } = await started();
  const bystander = bundle('export const handler = () => process.pid;');
  const functionArn = local.registerFunction('bystander', bystander.target);
  await bystander.target.invoke(
    { Step: 'testSecret', SecretId, ClientRequestToken: '', RotationToken: '' },
    {
      functionName: 'bystander',
      functionArn,
      region: 'us-east-1',
      accessKeyId: 'ASIAOTHER',
      endpoint: () => undefined,
    },
  );
  const { pid } = bystander.target;
  local.setFaults([{ action: 'kill', moment: 'before', functionName: 'rotate-db', nth: 1 }]);
  await rotate();
  await local.rotationSettled(SecretId);
  expect(bystander.target.pid).toBe(pid);
});

it('an in-process function that is killed ends as a process does, and its call freezes', async () => {
  const local = service({ rotation: { attempts: 1 } });
  const client = await clientThrough('in-process', local);
  await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'first' }));
  const door = local.requestHandler({ functionName: 'rotate-db' });
  let answered = false;
  local.registerFunction('rotate-db', async () => {
    await door.handle({
      headers: { 'x-amz-target': 'secretsmanager.DescribeSecret' },
      body: JSON.stringify({ SecretId }),
    });
    answered = true;
  });
  local.setFaults([{ action: 'kill', moment: 'after', functionName: 'rotate-db' }]);
  await client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: 'rotate-db' }));
  expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'failed' });
  expect(local.timeline.of('step')[0]?.error?.errorMessage).toContain('Runtime exited with error: signal: killed');
  expect(answered).toBe(false);
});
