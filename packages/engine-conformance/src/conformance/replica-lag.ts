import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { RotationFunction, singleUser } from '@keyturn/core';
import { LocalSecretsManager } from '@keyturn/local-secrets-manager';
import { passwordLengthFor } from '../crash-matrix/forms.ts';
import { WorldSecret } from '../crash-matrix/world-secret.ts';
import type { RunningService } from '../service.ts';
import { recordError, recordSecret } from '../taint/taint-record.ts';
import { startTcpRelay } from '../tcp-relay.ts';
import type { ConformanceWorld } from './conformance-world.ts';
import { AbsentPart, type ScenarioGroup } from './scenario.ts';

const functionName = 'rotation-function';

/** What a rotation behind a lagging replica came to. */
interface LagResult {
  readonly outcome: string;
  readonly error: string;
  /** Whether AWSCURRENT is what it was. */
  readonly unchanged: boolean;
  readonly currentWorks: boolean;
}

/** A new password that a replica does not know yet. */
export const replicaLag: ScenarioGroup = {
  name: 'replica lag',
  scenarios: [
    {
      name: 'the first test meets a replica with the old password, the second the primary: the rotation completes',
      timeoutMs: 180_000,
      run: (world) =>
        withReplica(world, async (replica) => {
          const { outcome, error, currentWorks } = await rotateBehind(world, replica, 1);
          return [
            outcome === 'succeeded' ? undefined : `the rotation ${outcome}: ${error}`,
            currentWorks ? undefined : 'AWSCURRENT does not log in',
          ].filter((fault) => fault !== undefined);
        }),
    },
    {
      name: 'every test meets the replica: login-failed, and AWSCURRENT is not moved',
      timeoutMs: 180_000,
      run: (world) =>
        withReplica(world, async (replica) => {
          const { outcome, error, unchanged } = await rotateBehind(world, replica, Number.POSITIVE_INFINITY);
          return [
            outcome === 'succeeded' ? 'the rotation succeeded: nothing is shown' : undefined,
            error.includes('login-failed') ? undefined : `the rotation ended otherwise: ${error}`,
            unchanged ? undefined : 'AWSCURRENT was moved',
          ].filter((fault) => fault !== undefined);
        }),
    },
  ],
};

async function withReplica(
  world: ConformanceWorld,
  use: (replica: RunningService) => Promise<string[]>,
): Promise<string[]> {
  if (world.service.given === true)
    throw new AbsentPart("a server of somebody's own is one server: it has no replica here");
  const replica = await world.service.start();
  return use(replica).finally(() => replica.stop());
}

/** Rotates once; the first so many connections of testSecret lead to the replica, all others to the primary. */
async function rotateBehind(world: ConformanceWorld, replica: RunningService, times: number): Promise<LagResult> {
  const { running: primary, engine } = world;
  const user = await world.newUser();
  await replica.createUser(user.username, user.password);
  let lagging = 0;
  const relay = await startTcpRelay({ upstream: () => (lagging-- > 0 ? replica : primary) });
  const manager = new LocalSecretsManager({ rotation: { attempts: 1, retryDelayMs: 0, reuseToken: true } });
  const clientOf = (caller: string) =>
    new SecretsManagerClient({
      requestHandler: manager.requestHandler({ caller }),
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  const rotationFunction = new RotationFunction(singleUser(engine, { changedBy: 'user' }), {
    client: clientOf(functionName),
    tls: { ca: [primary.ca, replica.ca] },
    password: { passwordLength: passwordLengthFor(engine) },
    propagationWaitMs: 400,
    consistencyWaitMs: 200,
    env: {},
  });
  let lastError = '';
  manager.registerFunction(functionName, async (event: { readonly Step?: string }) => {
    lagging = event.Step === 'testSecret' ? times : 0;
    try {
      await rotationFunction.handler(event, { getRemainingTimeInMillis: () => 30_000 });
    } catch (error) {
      recordError(error);
      lastError = String(error);
      throw error;
    }
  });
  try {
    const secret = await WorldSecret.create(clientOf('person'), 'app', {
      engine: primary.engineName,
      host: '127.0.0.1',
      port: relay.port,
      dbname: primary.database,
      ...user,
      ...(world.usesTls ? {} : { ssl: false }),
    });
    await secret.rotate('00000000-0000-4000-8000-000000000000', functionName);
    const { outcome } = await manager.rotationSettled(secret.id);
    for (const { password } of await secret.retrievable()) recordSecret(password);
    const { username, password } = await secret.current();
    return {
      outcome,
      error: lastError,
      unchanged: password === user.password,
      currentWorks: await primary.logsIn(username, password),
    };
  } finally {
    await relay.close();
    await manager.close();
  }
}
