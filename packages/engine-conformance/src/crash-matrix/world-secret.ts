import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  RotateSecretCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

/** What the tests read of a secret. */
export interface SecretText {
  readonly username: string;
  readonly password: string;
  readonly note?: string;
  readonly kept?: string;
}

/** A secret, as a person sees it and changes it. */
export class WorldSecret {
  readonly id: string;
  readonly #client: SecretsManagerClient;

  private constructor(client: SecretsManagerClient, id: string) {
    this.#client = client;
    this.id = id;
  }

  static async create(client: SecretsManagerClient, name: string, secret: object): Promise<WorldSecret> {
    const { ARN = '' } = await client.send(
      new CreateSecretCommand({ Name: name, SecretString: JSON.stringify(secret) }),
    );
    return new WorldSecret(client, ARN);
  }

  async rotate(token: string, functionName: string): Promise<void> {
    await this.#client.send(
      new RotateSecretCommand({
        SecretId: this.id,
        ClientRequestToken: token,
        RotationLambdaARN: `arn:aws:lambda:us-east-1:123456789012:function:${functionName}`,
        RotationRules: { AutomaticallyAfterDays: 30 },
      }),
    );
  }

  async cancelRotation(): Promise<void> {
    await this.#client.send(new CancelRotateSecretCommand({ SecretId: this.id }));
  }

  async takePendingOff(): Promise<void> {
    const versions = await this.labels();
    const pending = Object.keys(versions).find((id) => versions[id]?.includes('AWSPENDING'));
    if (pending === undefined) return;
    await this.#client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.id,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: pending,
      }),
    );
  }

  /** What a person does who reads the secret, changes a key that is not the password, and stores it. */
  async changeAnotherKey(): Promise<void> {
    const secret = await this.current();
    await this.#client.send(
      new PutSecretValueCommand({
        SecretId: this.id,
        SecretString: JSON.stringify({ ...secret, note: 'changed' }),
      }),
    );
  }

  async current(): Promise<SecretText> {
    const { SecretString = '' } = await this.#client.send(new GetSecretValueCommand({ SecretId: this.id }));
    return JSON.parse(SecretString);
  }

  /** Every value that can still be read, of versions without a label too. */
  async retrievable(): Promise<SecretText[]> {
    const { Versions = [] } = await this.#client.send(
      new ListSecretVersionIdsCommand({ SecretId: this.id, IncludeDeprecated: true }),
    );
    const values: SecretText[] = [];
    for (const { VersionId } of Versions) {
      const { SecretString } = await this.#client
        .send(new GetSecretValueCommand({ SecretId: this.id, VersionId }))
        .catch((error: unknown) => {
          if (error instanceof ResourceNotFoundException) return { SecretString: undefined };
          throw error;
        });
      if (SecretString !== undefined) values.push(JSON.parse(SecretString));
    }
    return values;
  }

  async labels(): Promise<Record<string, string[]>> {
    const { VersionIdsToStages = {} } = await this.#client.send(new DescribeSecretCommand({ SecretId: this.id }));
    return VersionIdsToStages;
  }
}
