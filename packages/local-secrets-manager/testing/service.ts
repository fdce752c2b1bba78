import { randomUUID } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { onTestFinished } from 'vitest';
import { type InProcessDoorOptions, LocalSecretsManager, type LocalSecretsManagerOptions } from '../src/index.ts';

/** The two ways in. Tests of the API run through both. */
export const doors = ['in-process', 'http'] as const;
export type Door = (typeof doors)[number];

/** A service that is closed at the end of the test. */
export function service(options?: LocalSecretsManagerOptions): LocalSecretsManager {
  const started = new LocalSecretsManager(options);
  onTestFinished(() => started.close());
  return started;
}

/** A client of the real SDK through one of the doors. Without retries, so that each failure shows. */
export async function clientThrough(door: Door, local: LocalSecretsManager): Promise<SecretsManagerClient> {
  const client = new SecretsManagerClient({ ...(await connection(door, local)), maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

async function connection(
  door: Door,
  local: LocalSecretsManager,
): Promise<ConstructorParameters<typeof SecretsManagerClient>[0]> {
  if (door === 'in-process') return local.clientOptions();
  const credentials = { accessKeyId: 'HTTPCLIENT', secretAccessKey: 'local' };
  return { region: local.region, endpoint: (await local.listen()).url, credentials };
}

/** What a raw request got. */
interface RawReply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** One request without the SDK, which fills in tokens and checks inputs by itself. */
export type RawCall = (operation: string, input: unknown) => Promise<RawReply>;

/** Raw requests through an in-process door. */
export function rawCaller(local: LocalSecretsManager, options?: InProcessDoorOptions): RawCall {
  const door = local.requestHandler(options);
  return async (operation, input) => {
    const headers = { 'x-amz-target': `secretsmanager.${operation}` };
    const body = typeof input === 'string' ? input : JSON.stringify(input);
    const { response } = await door.handle({ headers, body });
    return { status: response.statusCode, body: JSON.parse(new TextDecoder().decode(response.body)) };
  };
}

/** A token as clients make them. */
export function token(): string {
  return randomUUID();
}

/** A promise with its ends, and whether it was reached. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
