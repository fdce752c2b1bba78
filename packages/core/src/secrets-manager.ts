import {
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Deadline } from './deadline.ts';
import type { RandomPasswordRequest } from './password-policy.ts';
import { type ServiceOperation, serviceError } from './service-errors.ts';

/** Makes the client that a process keeps between invocations. */
export function secretsManagerClient(env: NodeJS.ProcessEnv): SecretsManagerClient {
  const endpoint = env.SECRETS_MANAGER_ENDPOINT;
  return new SecretsManagerClient({
    ...(endpoint === undefined || endpoint === '' ? {} : { endpoint }),
    maxAttempts: 3,
    // Short waits: from subnets without a way out nothing ever answers, and the time is for saying so.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 3_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
    }),
  });
}

/** What DescribeSecret says of a rotation. */
export interface SecretDescription {
  readonly rotationEnabled: boolean | undefined;
  /** Staging labels by version id. Versions without a label are not in it. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** When anything of the secret was changed last, in milliseconds since the epoch. */
  readonly lastChangedAt: number | undefined;
  /** When a rotation ended last, in milliseconds since the epoch. */
  readonly lastRotatedAt: number | undefined;
  /** Values by key, system tags among them. */
  readonly tags: ReadonlyMap<string, string>;
}

/** One version's value. */
export interface SecretVersion {
  readonly versionId: string;
  readonly labels: readonly string[];
  /** Undefined where the version holds SecretBinary. */
  readonly text: string | undefined;
}

/** A version as ListSecretVersionIds names it. */
export interface VersionListing {
  readonly versionId: string;
  readonly labels: readonly string[];
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/**
 * One secret, seen through one invocation: the only code that calls the AWS SDK. Every call ends by the
 * deadline, and every failure is a RotationError that names the operation.
 */
export class SecretsManager {
  readonly #client: SecretsManagerClient;
  readonly #deadline: Deadline;
  /** Calls made so far in this invocation. */
  calls = 0;

  constructor(client: SecretsManagerClient, deadline: Deadline) {
    this.#client = client;
    this.#deadline = deadline;
  }

  async describe(secretId: string): Promise<SecretDescription> {
    const output = await this.#send('DescribeSecret', (options) =>
      this.#client.send(new DescribeSecretCommand({ SecretId: secretId }), options),
    );
    return {
      rotationEnabled: output.RotationEnabled,
      labels: new Map(Object.entries(output.VersionIdsToStages ?? {})),
      lastChangedAt: output.LastChangedDate?.getTime(),
      lastRotatedAt: output.LastRotatedDate?.getTime(),
      tags: new Map((output.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
    };
  }

  /** Reads a version by id, by label, or by both, which then must agree. */
  async getValue(secretId: string, version: { id?: string; label?: string }): Promise<SecretVersion> {
    const output = await this.#send('GetSecretValue', (options) =>
      this.#client.send(
        new GetSecretValueCommand({ SecretId: secretId, VersionId: version.id, VersionStage: version.label }),
        options,
      ),
    );
    return {
      versionId: output.VersionId ?? version.id ?? '',
      labels: output.VersionStages ?? [],
      text: output.SecretString,
    };
  }

  async putValue(
    secretId: string,
    value: { token: string; text: string; label: string; rotationToken: string | undefined },
  ): Promise<void> {
    await this.#send('PutSecretValue', (options) =>
      this.#client.send(
        new PutSecretValueCommand({
          SecretId: secretId,
          ClientRequestToken: value.token,
          SecretString: value.text,
          VersionStages: [value.label],
          RotationToken: value.rotationToken,
        }),
        options,
      ),
    );
  }

  /** Moves a label, or takes it off where `to` is absent. Fails unless the label is on `from`. */
  async moveLabel(secretId: string, label: string, from: string | undefined, to: string | undefined): Promise<void> {
    await this.#send('UpdateSecretVersionStage', (options) =>
      this.#client.send(
        new UpdateSecretVersionStageCommand({
          SecretId: secretId,
          VersionStage: label,
          RemoveFromVersionId: from,
          MoveToVersionId: to,
        }),
        options,
      ),
    );
  }

  /** All versions, those without a label too. */
  async listVersions(secretId: string): Promise<readonly VersionListing[]> {
    const versions: VersionListing[] = [];
    let next: string | undefined;
    do {
      const page = await this.#send('ListSecretVersionIds', (options) =>
        this.#client.send(
          new ListSecretVersionIdsCommand({
            SecretId: secretId,
            IncludeDeprecated: true,
            MaxResults: 100,
            NextToken: next,
          }),
          options,
        ),
      );
      for (const { VersionId, VersionStages, CreatedDate } of page.Versions ?? []) {
        if (VersionId === undefined) continue;
        versions.push({ versionId: VersionId, labels: VersionStages ?? [], createdAt: CreatedDate?.getTime() ?? 0 });
      }
      next = page.NextToken;
    } while (next !== undefined);
    return versions;
  }

  async randomPassword(request: RandomPasswordRequest): Promise<string> {
    const output = await this.#send('GetRandomPassword', (options) =>
      this.#client.send(new GetRandomPasswordCommand(request), options),
    );
    return output.RandomPassword ?? '';
  }

  async #send<T>(operation: ServiceOperation, send: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    this.#deadline.check(`call ${operation}`);
    this.calls += 1;
    try {
      return await send({ abortSignal: this.#deadline.signal });
    } catch (error) {
      throw serviceError(operation, error, await this.#endpoint());
    }
  }

  async #endpoint(): Promise<string> {
    const { endpoint, region } = this.#client.config;
    if (endpoint === undefined) return `secretsmanager.${await region()}.amazonaws.com:443`;
    const { hostname, port, protocol } = await endpoint();
    return `${hostname}:${port ?? (protocol === 'http:' ? 80 : 443)}`;
  }
}
