import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { clientThrough, doors, service } from '../../testing/service.ts';

const SecretId = 'app/db';

describe.each(doors)('DeleteSecret, through the %s door', (door) => {
  const started = async (): Promise<{ client: SecretsManagerClient }> => {
    const client = await clientThrough(door, service());
    await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'S0' }));
    return { client };
  };

  it('a deleted secret is not read, written, rotated or listed, and its name is not free', async () => {
    const { client } = await started();
    const { DeletionDate } = await client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    const marked = {
      name: 'InvalidRequestException',
      message: "You can't perform this operation on the secret because it was marked for deletion.",
    };
    await expect(client.send(new GetSecretValueCommand({ SecretId }))).rejects.toMatchObject(marked);
    await expect(client.send(new PutSecretValueCommand({ SecretId, SecretString: 'S1' }))).rejects.toMatchObject(
      marked,
    );
    await expect(client.send(new UpdateSecretCommand({ SecretId, SecretString: 'S1' }))).rejects.toMatchObject(marked);
    await expect(client.send(new RotateSecretCommand({ SecretId }))).rejects.toMatchObject(marked);
    await expect(client.send(new CreateSecretCommand({ Name: SecretId }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "You can't create this secret because a secret with this name is already scheduled for deletion.",
    });
    expect((await client.send(new DescribeSecretCommand({ SecretId }))).DeletedDate).toEqual(DeletionDate);
    expect((await client.send(new ListSecretsCommand({}))).SecretList).toEqual([]);
    expect((await client.send(new ListSecretsCommand({ IncludePlannedDeletion: true }))).SecretList).toHaveLength(1);
  });

  it('a secret deleted by force is gone, its name is free, and deleting it again succeeds', async () => {
    const { client } = await started();
    const first = await client.send(new DescribeSecretCommand({ SecretId }));
    await client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    await client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    await expect(client.send(new DescribeSecretCommand({ SecretId }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const { ARN } = await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'S1' }));
    expect(ARN).not.toBe(first.ARN);
    await expect(client.send(new DescribeSecretCommand({ SecretId: first.ARN ?? '' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});
