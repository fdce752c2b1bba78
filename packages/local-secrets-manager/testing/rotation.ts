import {
  CreateSecretCommand,
  DescribeSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { LocalSecretsManager, LocalSecretsManagerOptions, RotationEvent } from '../src/index.ts';
import { type RawCall, rawCaller, service, token } from './service.ts';

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
  const inFunction = rawCaller(local, { functionName: 'rotate-db' });
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

/** What a good function does in a step. @param takesPendingOff whether finishSecret takes AWSPENDING off, too */
export async function wellBehaved(
  call: RawCall,
  { Step, SecretId: id, ClientRequestToken }: RotationEvent,
  takesPendingOff = false,
): Promise<void> {
  const send = async (operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const { status, body } = await call(operation, { SecretId: id, ...input });
    if (status !== 200) throw Object.assign(new Error(String(body.Message)), { name: String(body.__type) });
    return body;
  };
  if (Step === 'createSecret') {
    const SecretString = `value of ${ClientRequestToken}`;
    await send('PutSecretValue', { ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] });
  }
  if (Step !== 'finishSecret') return;
  const { VersionIdsToStages = {} } = await send('DescribeSecret', {});
  const stages = Object.entries(VersionIdsToStages as Record<string, string[]>);
  const current = stages.find(([, labels]) => labels.includes('AWSCURRENT'))?.[0];
  await send('UpdateSecretVersionStage', {
    VersionStage: 'AWSCURRENT',
    MoveToVersionId: ClientRequestToken,
    RemoveFromVersionId: current,
  });
  if (!takesPendingOff) return;
  await send('UpdateSecretVersionStage', { VersionStage: 'AWSPENDING', RemoveFromVersionId: ClientRequestToken });
}

/** The service's rotation events so far, by name. */
export function eventNames(local: LocalSecretsManager): string[] {
  return local.timeline.of('rotation').map(({ event }) => event);
}
