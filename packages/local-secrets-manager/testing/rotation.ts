import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { LocalSecretsManager, LocalSecretsManagerOptions, RotationEvent } from '../src/index.ts';
import { service, token } from './service.ts';

export const SecretId = 'app/db';

/** What a function does in one step, instead of or besides what a good one does. */
export type StepHook = (event: RotationEvent) => unknown;

/** A secret with a first value, and a function that rotates it as a function should. */
export interface Rotating {
  readonly local: LocalSecretsManager;
  readonly client: SecretsManagerClient;
  readonly v1: string;
  readonly functionArn: string;
  /** The events that the function got. */
  readonly events: RotationEvent[];
  rotate(input?: Record<string, unknown>): Promise<string>;
  labels(): Promise<Record<string, string[]>>;
}

/**
 * @param before runs ahead of the step's own work, and may throw
 * @param takesPendingOff whether finishSecret takes AWSPENDING off, too
 */
export async function rotating(
  options: LocalSecretsManagerOptions & { before?: StepHook; takesPendingOff?: boolean } = {},
): Promise<Rotating> {
  const { before, takesPendingOff = false, ...settings } = options;
  const local = service(settings);
  const client = new SecretsManagerClient({ ...local.clientOptions(), maxAttempts: 1 });
  const inFunction = new SecretsManagerClient({
    ...local.clientOptions({ functionName: 'rotate-db' }),
    maxAttempts: 1,
  });
  const v1 = token();
  await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'S0', ClientRequestToken: v1 }));
  const events: RotationEvent[] = [];
  const functionArn = local.registerFunction('rotate-db', async (event) => {
    events.push(event);
    await before?.(event);
    await wellBehaved(inFunction, event, takesPendingOff);
  });
  return {
    local,
    client,
    v1,
    functionArn,
    events,
    async rotate(input = {}) {
      const command = new RotateSecretCommand({ SecretId, RotationLambdaARN: functionArn, ...input });
      return (await client.send(command)).VersionId ?? '';
    },
    async labels() {
      return (await client.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages ?? {};
    },
  };
}

async function wellBehaved(
  client: SecretsManagerClient,
  event: RotationEvent,
  takesPendingOff: boolean,
): Promise<void> {
  const { SecretId: id, ClientRequestToken } = event;
  if (event.Step === 'createSecret') {
    const SecretString = `value of ${ClientRequestToken}`;
    await client.send(
      new PutSecretValueCommand({ SecretId: id, ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] }),
    );
  }
  if (event.Step !== 'finishSecret') return;
  const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: id }));
  const current = Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes('AWSCURRENT'))?.[0];
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: id,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: ClientRequestToken,
      ...(current === undefined ? {} : { RemoveFromVersionId: current }),
    }),
  );
  if (!takesPendingOff) return;
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: id,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: ClientRequestToken,
    }),
  );
}

/** The service's rotation events so far, by name. */
export function eventNames(local: LocalSecretsManager): string[] {
  return local.timeline.of('rotation').map(({ event }) => event);
}
