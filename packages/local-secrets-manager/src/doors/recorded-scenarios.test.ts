import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { clientThrough, doors, service, token } from '../../testing/service.ts';

const SecretId = 'app/db';

describe.each(doors)('as the service was recorded, through the %s door', (door) => {
  const start = async (): Promise<SecretsManagerClient> => clientThrough(door, service());
  const started = async (): Promise<{ client: SecretsManagerClient; v1: string }> => {
    const client = await start();
    const v1 = token();
    await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'S0', ClientRequestToken: v1 }));
    return { client, v1 };
  };
  const put = async (client: SecretsManagerClient, value: string, VersionStages?: string[]): Promise<string> => {
    const command = { SecretId, SecretString: value, ...(VersionStages === undefined ? {} : { VersionStages }) };
    return (await client.send(new PutSecretValueCommand(command))).VersionId ?? '';
  };
  const labels = async (
    client: SecretsManagerClient,
    IncludeDeprecated = false,
  ): Promise<Record<string, string[] | undefined>> => {
    const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated }));
    return Object.fromEntries(Versions.map((version) => [version.VersionId, version.VersionStages]));
  };
  const promote = (client: SecretsManagerClient, from: string, to: string) =>
    client.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: from,
        MoveToVersionId: to,
      }),
    );

  it('fact 5: a stored value ends the AWSPENDING of the version that it takes AWSCURRENT from (and fact 3)', async () => {
    const { client, v1 } = await started();
    const v2 = await put(client, 'S1', ['AWSPENDING']);
    expect(await labels(client)).toEqual({ [v1]: ['AWSCURRENT'], [v2]: ['AWSPENDING'] });
    await promote(client, v1, v2);
    expect(await labels(client)).toEqual({ [v1]: ['AWSPREVIOUS'], [v2]: ['AWSCURRENT', 'AWSPENDING'] });
    const v3 = await put(client, 'S2');
    expect(await labels(client)).toEqual({ [v2]: ['AWSPREVIOUS'], [v3]: ['AWSCURRENT'] });
  });

  it('fact 4: custom labels stay on their versions', async () => {
    const { client, v1 } = await started();
    const v2 = await put(client, 'S1', ['AWSCURRENT', 'PUT0']);
    const v3 = await put(client, 'S2', ['AWSPENDING', 'PUT1']);
    expect(await labels(client)).toEqual({
      [v1]: ['AWSPREVIOUS'],
      [v2]: ['AWSCURRENT', 'PUT0'],
      [v3]: ['AWSPENDING', 'PUT1'],
    });
    await promote(client, v2, v3);
    expect(await labels(client)).toEqual({ [v2]: ['AWSPREVIOUS', 'PUT0'], [v3]: ['AWSCURRENT', 'AWSPENDING', 'PUT1'] });
    const v4 = await put(client, 'S3', ['AWSPENDING', 'PUT2']);
    await promote(client, v3, v4);
    expect(await labels(client)).toEqual({
      [v2]: ['PUT0'],
      [v3]: ['AWSPREVIOUS', 'PUT1'],
      [v4]: ['AWSCURRENT', 'AWSPENDING', 'PUT2'],
    });
  });

  it('fact 6: VersionStages are taken from other versions, and AWSCURRENT stays', async () => {
    const { client, v1 } = await started();
    const v2 = await put(client, 'S1', ['one', 'two', 'three']);
    const v3 = await put(client, 'S2', ['one', 'two', 'four']);
    expect(await labels(client)).toEqual({ [v1]: ['AWSCURRENT'], [v2]: ['three'], [v3]: ['four', 'one', 'two'] });
    const v4 = await put(client, 'S3', ['one', 'two', 'three', 'four']);
    expect(await labels(client)).toEqual({ [v1]: ['AWSCURRENT'], [v4]: ['four', 'one', 'three', 'two'] });
  });

  it('fact 7: IncludeDeprecated lists versions without a label, without VersionStages', async () => {
    const { client, v1 } = await started();
    const v2 = await put(client, 'S1');
    const v3 = await put(client, 'S2');
    expect(await labels(client)).toEqual({ [v2]: ['AWSPREVIOUS'], [v3]: ['AWSCURRENT'] });
    expect(await labels(client, true)).toEqual({ [v1]: undefined, [v2]: ['AWSPREVIOUS'], [v3]: ['AWSCURRENT'] });
    const { Versions } = await client.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }));
    expect(Versions?.map((version) => 'VersionStages' in version)).toEqual([false, true, true]);
  });

  it('fact 8: the same token with the same data changes nothing, with other data it fails', async () => {
    const { client } = await started();
    const ClientRequestToken = token();
    const first = { SecretId, ClientRequestToken, SecretString: 'S1' };
    await client.send(new PutSecretValueCommand(first));
    const before = await labels(client);
    const again = await client.send(new PutSecretValueCommand({ ...first, VersionStages: ['OTHER'] }));
    expect(again.VersionStages).toEqual(['AWSCURRENT']);
    expect(await labels(client)).toEqual(before);
    await expect(client.send(new PutSecretValueCommand({ ...first, SecretString: 'S2' }))).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    await expect(client.send(new UpdateSecretCommand(first))).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    expect((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('S1');
  });

  it('fact 10: DescribeSecret tells what has a value, and a read only by its day', async () => {
    const { client, v1 } = await started();
    const { $metadata, ...fresh } = await client.send(new DescribeSecretCommand({ SecretId }));
    expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(fresh).toEqual({
      ARN: expect.stringMatching(/^arn:aws:secretsmanager:us-east-1:123456789012:secret:app\/db-[A-Za-z0-9]{6}$/),
      Name: SecretId,
      CreatedDate: expect.any(Date),
      LastChangedDate: expect.any(Date),
      VersionIdsToStages: { [v1]: ['AWSCURRENT'] },
    });
    await client.send(new GetSecretValueCommand({ SecretId }));
    const { LastAccessedDate } = await client.send(new DescribeSecretCommand({ SecretId }));
    expect(LastAccessedDate?.toISOString()).toMatch(/T00:00:00\.000Z$/);
    const { Versions } = await client.send(new ListSecretVersionIdsCommand({ SecretId }));
    expect(Versions?.[0]?.LastAccessedDate).toEqual(LastAccessedDate);
    expect(Versions?.[0]?.KmsKeyIds).toEqual(['DefaultEncryptionKey']);
  });

  it('a secret without a value has no versions until one is stored', async () => {
    const client = await start();
    const created = await client.send(new CreateSecretCommand({ Name: SecretId }));
    expect(created).not.toHaveProperty('VersionId');
    expect(await client.send(new DescribeSecretCommand({ SecretId }))).not.toHaveProperty('VersionIdsToStages');
    const first = await client.send(
      new PutSecretValueCommand({ SecretId, SecretString: 'S0', VersionStages: ['BLUE'] }),
    );
    expect(first.VersionStages).toEqual(['AWSCURRENT', 'BLUE']);
  });

  it('fact 11: a version and a label must agree', async () => {
    const { client, v1 } = await started();
    const v2 = await put(client, 'S1');
    const get = (VersionId: string, VersionStage: string) =>
      client.send(new GetSecretValueCommand({ SecretId, VersionId, VersionStage }));
    expect((await get(v1, 'AWSPREVIOUS')).SecretString).toBe('S0');
    expect((await get(v2, 'AWSCURRENT')).SecretString).toBe('S1');
    await expect(get(v1, 'AWSCURRENT')).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: 'You provided a VersionStage that is not associated to the provided VersionId.',
    });
  });

  it('fact 12: what is missing is named', async () => {
    const { client } = await started();
    const unknown = token();
    const missing = (input: { SecretId: string; VersionId?: string; VersionStage?: string }) =>
      client.send(new GetSecretValueCommand(input)).catch((error: Error) => `${error.name}: ${error.message}`);
    const prefix = "ResourceNotFoundException: Secrets Manager can't find the specified secret";
    expect(await missing({ SecretId: 'nothing' })).toBe(`${prefix}.`);
    expect(await missing({ SecretId, VersionStage: 'AWSPREVIOUS' })).toBe(
      `${prefix} value for staging label: AWSPREVIOUS`,
    );
    expect(await missing({ SecretId, VersionId: unknown })).toBe(`${prefix} value for VersionId: ${unknown}`);
    await expect(client.send(new ListSecretVersionIdsCommand({ SecretId: 'nothing' }))).rejects.toMatchObject({
      message: "Secrets Manager can't find the specified secret.",
    });
  });

  it.each([
    ['Valid/_+=.@-Name', true],
    ['Valid/_+=.@-Name-a1b2', true],
    ['Valid/_+=.@-Name-a1b2c3-', true],
    ['Invalid/_+=.@-Name-a1b2c3', false],
  ])('fact 14: %s is found by its partial ARN: %s', async (Name, found) => {
    const client = await start();
    const { ARN = '' } = await client.send(new CreateSecretCommand({ Name, SecretString: 'S0' }));
    const read = (id: string) =>
      client.send(new GetSecretValueCommand({ SecretId: id })).then(
        ({ SecretString }) => SecretString,
        (error: Error) => error.name,
      );
    expect(await read(Name)).toBe('S0');
    expect(await read(ARN)).toBe('S0');
    expect(await read(ARN.slice(0, -7))).toBe(found ? 'S0' : 'ResourceNotFoundException');
  });

  it.each(['Inv Name', ' Inv*Name? ', 'Inv?!]Name\\-', 'naïve'])('the name %j is refused', async (Name) => {
    const client = await start();
    const refusal = {
      name: 'ValidationException',
      message:
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    };
    await expect(client.send(new CreateSecretCommand({ Name, SecretString: 'S0' }))).rejects.toMatchObject(refusal);
    await expect(client.send(new DescribeSecretCommand({ SecretId: Name }))).rejects.toMatchObject(refusal);
  });

  it('fact 2: a label attached elsewhere moves only from the version that has it', async () => {
    const { client, v1 } = await started();
    const v2 = await put(client, 'S1', ['BLUE']);
    const before = await labels(client);
    const move = (input: { VersionStage: string; RemoveFromVersionId?: string; MoveToVersionId?: string }) =>
      client.send(new UpdateSecretVersionStageCommand({ SecretId, ...input }));
    const invalid = { name: 'InvalidParameterException' };
    await expect(move({ VersionStage: 'BLUE', MoveToVersionId: v1 })).rejects.toMatchObject({
      ...invalid,
      message: `The parameter RemoveFromVersionId can't be empty. Staging label BLUE is currently attached to version ${v2}, so you must explicitly reference that version in RemoveFromVersionId.`,
    });
    await expect(move({ VersionStage: 'BLUE', MoveToVersionId: v1, RemoveFromVersionId: v1 })).rejects.toMatchObject(
      invalid,
    );
    await expect(move({ VersionStage: 'AWSCURRENT', RemoveFromVersionId: v1 })).rejects.toMatchObject(invalid);
    await expect(
      move({ VersionStage: 'BLUE', MoveToVersionId: token(), RemoveFromVersionId: v2 }),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await labels(client)).toEqual(before);
    await move({ VersionStage: 'BLUE', MoveToVersionId: v1, RemoveFromVersionId: v2 });
    expect(await labels(client)).toEqual({ [v1]: ['AWSCURRENT', 'BLUE'] });
    await move({ VersionStage: 'BLUE', RemoveFromVersionId: v1 });
    expect(await labels(client)).toEqual({ [v1]: ['AWSCURRENT'] });
  });

  it('UpdateSecret changes the description alone, or stores a new AWSCURRENT with it', async () => {
    const { client, v1 } = await started();
    expect(await client.send(new UpdateSecretCommand({ SecretId, Description: 'one' }))).not.toHaveProperty(
      'VersionId',
    );
    expect(await labels(client)).toEqual({ [v1]: ['AWSCURRENT'] });
    const { VersionId = '' } = await client.send(
      new UpdateSecretCommand({ SecretId, Description: 'two', SecretString: 'S1' }),
    );
    expect(await labels(client)).toEqual({ [v1]: ['AWSPREVIOUS'], [VersionId]: ['AWSCURRENT'] });
    expect((await client.send(new DescribeSecretCommand({ SecretId }))).Description).toBe('two');
  });

  it('binary values come back as they were', async () => {
    const client = await start();
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await client.send(new CreateSecretCommand({ Name: SecretId, SecretBinary: bytes }));
    const { SecretBinary, SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
    expect(Buffer.from(SecretBinary ?? []).equals(Buffer.from(bytes))).toBe(true);
    expect(SecretString).toBeUndefined();
  });

  it('a name in use is refused; the same CreateSecret again is the same secret', async () => {
    const { client, v1 } = await started();
    await expect(client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'S0' }))).rejects.toMatchObject({
      name: 'ResourceExistsException',
      message: `The operation failed because the secret ${SecretId} already exists.`,
    });
    const again = await client.send(
      new CreateSecretCommand({ Name: SecretId, SecretString: 'S0', ClientRequestToken: v1 }),
    );
    expect(again.VersionId).toBe(v1);
    await expect(
      client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'other', ClientRequestToken: v1 })),
    ).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });
});
