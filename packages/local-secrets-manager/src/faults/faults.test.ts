import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { describe, expect, it } from 'vitest';
import { clientThrough, type Door, doors, service } from '../../testing/service.ts';
import { ManualClock } from '../clock.ts';
import type { Fault, FaultAction, LocalSecretsManager } from '../index.ts';

const SecretId = 'app/db';

interface Started {
  readonly local: LocalSecretsManager;
  readonly client: SecretsManagerClient;
  /** A client that no fault touches. */
  readonly observer: SecretsManagerClient;
  current(): Promise<string | undefined>;
}

async function start(door: Door, clock = new ManualClock()): Promise<Started> {
  const local = service({ clock });
  const client = await clientThrough(door, local);
  const observer = await clientThrough('in-process', local);
  await observer.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'old' }));
  const current = async () => {
    local.setFaults([]);
    return (await observer.send(new GetSecretValueCommand({ SecretId }))).SecretString;
  };
  return { local, client, observer, current };
}

const put = (client: SecretsManagerClient, abortSignal?: AbortSignal) =>
  client.send(
    new PutSecretValueCommand({ SecretId, SecretString: 'new' }),
    abortSignal === undefined ? {} : { abortSignal },
  );

describe.each(doors)('through the %s door', (door) => {
  describe.each(['before', 'after'] as const)('a fault %s the call takes effect', (moment) => {
    const effect = moment === 'before' ? 'old' : 'new';
    const fault = (action: FaultAction): Fault[] => [{ ...action, operation: 'PutSecretValue', moment }];

    it('drop: the connection breaks', async () => {
      const { local, client, current } = await start(door);
      local.setFaults(fault({ action: 'drop' }));
      await expect(put(client)).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(local.timeline.of('call').at(-1)).toMatchObject({ outcome: 'dropped', fault: `drop ${moment}` });
      expect(await current()).toBe(effect);
    });

    it.each(['freeze', 'kill'] as const)('%s: no answer until the client gives up', async (action) => {
      const { local, client, current } = await start(door);
      local.setFaults(fault({ action }));
      const giveUp = new AbortController();
      const struck = Promise.withResolvers<void>();
      local.setOnCall(({ moment: now }) => {
        // Asked before the declared fault of the same moment; the answer is awaited, the fault comes next.
        if (now === moment) setImmediate(struck.resolve);
        return undefined;
      });
      const answer = put(client, giveUp.signal).then(
        () => 'answered',
        (error: Error) => error.name,
      );
      await struck.promise;
      expect(await Promise.race([answer, Promise.resolve('waiting')])).toBe('waiting');
      giveUp.abort();
      expect(await answer).toBe('AbortError');
      expect(await current()).toBe(effect);
      expect(await recorded(local, 'PutSecretValue')).toMatchObject({
        outcome: action === 'kill' ? 'killed' : 'frozen',
      });
    });

    it('error: the given error is answered', async () => {
      const { local, client, current } = await start(door);
      local.setFaults(fault({ action: 'error', type: 'InternalServiceError', message: 'not today' }));
      await expect(put(client)).rejects.toMatchObject({
        name: 'InternalServiceError',
        message: 'not today',
        $metadata: { httpStatusCode: 500 },
      });
      local.setFaults(fault({ action: 'error', type: 'AccessDeniedException', status: 403 }));
      await expect(put(client)).rejects.toMatchObject({
        name: 'AccessDeniedException',
        $metadata: { httpStatusCode: 403 },
      });
      expect(await current()).toBe(effect);
    });

    it('throttle: the service has no time', async () => {
      const { local, client, current } = await start(door);
      local.setFaults(fault({ action: 'throttle' }));
      await expect(put(client)).rejects.toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded' });
      expect(await current()).toBe(effect);
    });

    it('delay: the call waits by the clock of the service and goes on', async () => {
      const clock = new ManualClock();
      const { local, client, observer } = await start(door, clock);
      const waiting = Promise.withResolvers<void>();
      local.setOnCall(({ moment: now, operation }) => {
        if (now !== moment || operation !== 'PutSecretValue') return undefined;
        setImmediate(waiting.resolve);
        return { action: 'delay', ms: 5000 };
      });
      const answer = put(client);
      await waiting.promise;
      expect(clock.sleeping).toBe(1);
      expect((await observer.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe(effect);
      clock.advance(5000);
      await answer;
      expect(local.timeline.of('call').at(-1)).toMatchObject({
        outcome: 'ok',
        durationMs: 5000,
        fault: `delay ${moment}`,
      });
    });
  });

  it('stale: reads answer from before the last write, as often as told', async () => {
    const { local, client } = await start(door);
    await put(client);
    local.setFaults([{ action: 'stale', moment: 'before', operation: 'GetSecretValue', times: 2 }]);
    const read = async () => (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
    expect([await read(), await read(), await read()]).toEqual(['old', 'old', 'new']);
  });

  it('stale: reads answer from before writes of the given age', async () => {
    const clock = new ManualClock();
    const { local, client, observer } = await start(door, clock);
    clock.advance(1000);
    await put(client);
    local.setFaults([{ action: 'stale', moment: 'before', withinMs: 500 }]);
    const read = async () => (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
    expect(await read()).toBe('old');
    clock.advance(500);
    expect(await read()).toBe('new');
    await observer.send(new CreateSecretCommand({ Name: 'just-made' }));
    const described = () => client.send(new DescribeSecretCommand({ SecretId: 'just-made' }));
    const names = async () =>
      ((await client.send(new ListSecretsCommand({}))).SecretList ?? []).map(({ Name }) => Name);
    await expect(described()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await names()).toEqual([SecretId]);
    clock.advance(500);
    await described();
    expect(await names()).toEqual(['just-made', SecretId]);
  });

  it('stale: writes see the state as it is', async () => {
    const { local, client } = await start(door);
    await put(client);
    local.setFaults([{ action: 'stale', moment: 'before' }]);
    await put(client);
    local.setFaults([]);
    expect((await client.send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSPREVIOUS' }))).SecretString).toBe(
      'new',
    );
  });

  it('the SDK repeats a dropped call, and the token makes it one', async () => {
    const { local, observer } = await start(door);
    const options =
      door === 'in-process'
        ? local.clientOptions()
        : { ...local.clientOptions(), requestHandler: new NodeHttpHandler(), endpoint: (await local.listen()).url };
    const client = new SecretsManagerClient({ ...options, maxAttempts: 3 });
    local.setFaults([{ action: 'drop', moment: 'after', operation: 'PutSecretValue', nth: 1 }]);
    const { VersionId, $metadata } = await put(client);
    expect($metadata.attempts).toBe(2);
    const puts = local.timeline.of('call').filter(({ operation }) => operation === 'PutSecretValue');
    expect(puts.map(({ outcome, versionId }) => ({ outcome, versionId }))).toEqual([
      { outcome: 'dropped', versionId: VersionId },
      { outcome: 'ok', versionId: VersionId },
    ]);
    expect((await observer.send(new GetSecretValueCommand({ SecretId }))).VersionId).toBe(VersionId);
    client.destroy();
  });
});

// Over HTTP the service hears of a client that has gone a little later than the client itself.
async function recorded(local: LocalSecretsManager, operation: string) {
  const found = () => local.timeline.of('call').find((entry) => entry.operation === operation);
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = local.timeline.subscribe(() => found() !== undefined && resolve());
  if (found() === undefined) await promise;
  end();
  return found();
}

it('closing the service ends frozen calls', async () => {
  const { local, client } = await start('in-process');
  local.setFaults([{ action: 'freeze', moment: 'before' }]);
  const answer = expect(put(client)).rejects.toThrow('The local Secrets Manager is closed.');
  await local.close();
  await answer;
});

it('a call aborted before it takes effect does not take effect', async () => {
  const { local, client, current } = await start('in-process');
  const giveUp = new AbortController();
  local.setOnCall(({ moment }) => {
    if (moment === 'before') giveUp.abort();
    return undefined;
  });
  await expect(put(client, giveUp.signal)).rejects.toMatchObject({ name: 'AbortError' });
  local.setOnCall(undefined);
  expect(await current()).toBe('old');
});
