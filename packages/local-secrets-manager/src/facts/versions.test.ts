import { expect, it } from 'vitest';
import { type RawCall, rawCaller, service, token } from '../../testing/service.ts';

const SecretId = 's';

async function started(local = service()): Promise<{ call: RawCall; v1: string }> {
  const call = rawCaller(local);
  const v1 = token();
  await call('CreateSecret', { Name: SecretId, SecretString: 'S0', ClientRequestToken: v1 });
  return { call, v1 };
}

async function put(call: RawCall, SecretString: string, VersionStages?: string[]): Promise<string> {
  const { body } = await call('PutSecretValue', { SecretId, SecretString, VersionStages, ClientRequestToken: token() });
  return String(body.VersionId);
}

const stages = async (call: RawCall) => (await call('DescribeSecret', { SecretId })).body.VersionIdsToStages;
const move = (call: RawCall, VersionStage: string, RemoveFromVersionId?: string, MoveToVersionId?: string) =>
  call('UpdateSecretVersionStage', { SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId });

it('fact 1: a label is on at most one version, and moving it takes it off the other', async () => {
  const { call, v1 } = await started();
  const v2 = await put(call, 'S1', ['BLUE']);
  expect(await stages(call)).toEqual({ [v1]: ['AWSCURRENT'], [v2]: ['BLUE'] });
  await move(call, 'BLUE', v2, v1);
  expect(await stages(call)).toEqual({ [v1]: ['AWSCURRENT', 'BLUE'] });
  const v3 = await put(call, 'S2', ['BLUE']);
  expect(await stages(call)).toEqual({ [v1]: ['AWSCURRENT'], [v3]: ['BLUE'] });
});

it('fact 3: moving AWSCURRENT leaves AWSPREVIOUS behind, and AWSPENDING on the promoted version', async () => {
  const { call, v1 } = await started();
  const v2 = await put(call, 'S1', ['AWSPENDING']);
  await move(call, 'AWSCURRENT', v1, v2);
  expect(await stages(call)).toEqual({ [v1]: ['AWSPREVIOUS'], [v2]: ['AWSCURRENT', 'AWSPENDING'] });
});

it('fact 15: a read may be stale: an AWSPENDING that was just stored is not visible yet, and then it is', async () => {
  const local = service();
  const { call } = await started(local);
  await put(call, 'S1', ['AWSPENDING']);
  local.setFaults([{ action: 'stale', moment: 'before', operation: 'GetSecretValue', times: 2 }]);
  const read = async () => {
    const { body } = await call('GetSecretValue', { SecretId, VersionStage: 'AWSPENDING' });
    return body.SecretString ?? body.__type;
  };
  expect([await read(), await read(), await read()]).toEqual([
    'ResourceNotFoundException',
    'ResourceNotFoundException',
    'S1',
  ]);
});
