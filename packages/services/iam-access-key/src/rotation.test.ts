import { PutSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import type { StoredKey } from '../testing/account.ts';
import { begun, waiting } from '../testing/begun-world.ts';

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

function ids(keys: readonly StoredKey[]): string[] {
  return keys.map(({ id }) => id);
}

describe('a rotation', () => {
  test('makes a second key; the first works until the createSecret of the next rotation', async () => {
    const world = await begun();
    const [first] = ids(world.account.live(world.user));
    await world.steps(...steps);
    const second = (await world.current()).AccessKeyId;
    expect(ids(world.account.live(world.user))).toEqual([first, second]);
    await world.begin();
    expect(ids(world.account.live(world.user))).toEqual([first, second]);
    await world.step('createSecret');
    const [kept, third] = ids(world.account.live(world.user));
    expect([kept, third === first]).toEqual([second, false]);
    await world.steps('setSecret', 'testSecret', 'finishSecret');
    expect(await world.faults()).toEqual([]);
  });

  test('keeps to the budget of calls', async () => {
    const world = await begun();
    const used: Record<string, unknown> = {};
    for (const rotation of ['first', 'later']) {
      if (rotation === 'later') await world.begin();
      await world.restart();
      await world.steps(...steps);
      const names = world.points.filter(({ moment }) => moment === 'before').map(({ name }) => name.split(' ')[0]);
      const isService = (name = '') => /AccessKey|CallerIdentity/.test(name);
      used[rotation] = {
        secretsManager: names.filter((name) => !isService(name)).length,
        iam: world.serviceCalls.filter((name) => name !== 'GetCallerIdentity'),
        sts: world.serviceCalls.filter((name) => name === 'GetCallerIdentity').length,
      };
    }
    console.log('Calls of a rotation:', JSON.stringify(used));
    expect(used).toEqual({
      first: { secretsManager: 9, iam: ['ListAccessKeys', 'CreateAccessKey', 'ListAccessKeys'], sts: 3 },
      later: {
        secretsManager: 10,
        iam: ['ListAccessKeys', 'DeleteAccessKey', 'CreateAccessKey', 'ListAccessKeys'],
        sts: 3,
      },
    });
  });

  test('takes every step twice, and makes one key', async () => {
    const world = await begun();
    for (const step of steps) {
      await world.steps(step, step);
      expect(world.account.live(world.user)).toHaveLength(2);
      expect(world.user.keys).toHaveLength(2);
    }
    expect(await world.faults()).toEqual([]);
  });

  test('carries every other byte of the secret over', async () => {
    const text = ({ id, secret }: StoredKey): string =>
      `{ "kept":"as it is",\n\t"AccessKeyId" : "${id}" , "SecretAccessKey":"${secret.replaceAll('/', '\\/')}", "n": 1.0 }\n`;
    const world = await begun({ secretText: text });
    await world.steps(...steps);
    const next = world.account.live(world.user)[1];
    if (next === undefined) throw new Error('there is no second key');
    const stored = (await world.values()).get(world.token);
    expect(stored).toBe(text(next).replaceAll('\\/', '/'));
  });
});

describe('a service that learns late', () => {
  test.each([1, 4])('a key that STS takes only when asked %i times more is waited for', async (newKeyRefused) => {
    const world = await begun({ makeFunction: waiting(5_000) });
    world.account.lateness = { newKeyRefused };
    await world.steps(...steps);
    expect(world.serviceCalls.filter((call) => call.startsWith('GetCallerIdentity '))).toHaveLength(newKeyRefused);
    expect(await world.faults()).toEqual([]);
  });

  test('a key that STS never takes ends in a clear error within the bound, and AWSCURRENT stays', async () => {
    const world = await begun({ makeFunction: waiting(400) });
    const { AccessKeyId } = await world.current();
    world.account.lateness = { newKeyRefused: Number.POSITIVE_INFINITY };
    await world.steps('createSecret', 'setSecret');
    await expect(world.step('testSecret')).rejects.toMatchObject({
      code: 'login-failed',
      driverCode: 'InvalidClientTokenId',
      stage: 'AWSPENDING',
      message: expect.stringMatching(/refused the credential [34] times within 400 ms/),
    });
    expect((await world.current()).AccessKeyId).toBe(AccessKeyId);
    // The same token goes on from here when the service has learned of the key.
    world.account.lateness = {};
    await world.steps(...steps);
    expect(await world.faults()).toEqual([]);
  });

  test('the wait ends before Lambda does, and says what it waited for', async () => {
    const world = await begun({ makeFunction: waiting(60_000) });
    world.account.lateness = { newKeyRefused: Number.POSITIVE_INFINITY };
    await world.steps('createSecret', 'setSecret');
    await expect(world.step('testSecret', 1_000)).rejects.toMatchObject({
      code: 'deadline-exceeded',
      message: expect.stringContaining('wait until the service accepts AWSPENDING'),
    });
  });

  test('lists and deletions that show late are waited for too', async () => {
    const world = await begun({ makeFunction: waiting(2_000, 2_000) });
    await world.steps(...steps);
    world.account.lateness = { newKeyUnlisted: 2, deletedKeyShown: 3, deletedKeyCounted: 2 };
    await world.begin();
    await world.steps(...steps);
    expect(world.serviceCalls).toContain('CreateAccessKey LimitExceeded');
    expect(await world.faults()).toEqual([]);
  });
});

describe('setSecret', () => {
  test.each([
    ['deleted', (key: StoredKey) => Object.assign(key, { deleted: true })],
    ['made inactive', (key: StoredKey) => Object.assign(key, { active: false })],
  ])('gives up a pending key that somebody has %s, and the next rotation completes', async (_, spoil) => {
    const world = await begun({ makeFunction: waiting(100) });
    await world.step('createSecret');
    const [, pending] = world.user.keys;
    if (pending === undefined) throw new Error('there is no pending key');
    spoil(pending);
    await expect(world.step('setSecret')).rejects.toMatchObject({
      code: 'credential-unknown',
      stage: 'AWSPENDING',
      remedy: expect.stringContaining('the next rotation starts afresh'),
    });
    await world.begin();
    await world.steps(...steps);
    expect(await world.faults()).toEqual([]);
  });

  test('gives up a pending key of another user, which somebody has put there', async () => {
    const world = await begun({ makeFunction: waiting(100) });
    const stranger = world.account.addKey(world.account.addUser('stranger'));
    await world.person.send(
      new PutSecretValueCommand({
        SecretId: world.secretId,
        ClientRequestToken: world.token,
        VersionStages: ['AWSPENDING'],
        SecretString: JSON.stringify({
          ...(await world.current()),
          AccessKeyId: stranger.id,
          SecretAccessKey: stranger.secret,
        }),
      }),
    );
    await world.step('createSecret');
    await expect(world.step('setSecret')).rejects.toMatchObject({ code: 'credential-unknown', user: 'app' });
    expect((await world.current()).AccessKeyId).toBe(world.user.keys[0]?.id);
  });

  test('gives up a pending version that was made from another secret', async () => {
    const world = await begun();
    await world.takePendingOff();
    const current = await world.current();
    const { VersionId } = await world.person.send(
      new PutSecretValueCommand({
        SecretId: world.secretId,
        VersionStages: ['MINE'],
        SecretString: JSON.stringify({ ...current, note: 'changed' }),
      }),
    );
    await world.begin();
    await world.step('createSecret');
    const before = Object.entries(await world.labels()).find(([, on]) => on.includes('AWSCURRENT'))?.[0];
    await world.person.send(
      new UpdateSecretVersionStageCommand({
        SecretId: world.secretId,
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: before,
        MoveToVersionId: VersionId,
      }),
    );
    await expect(world.step('setSecret')).rejects.toMatchObject({ code: 'secret-changed' });
    await world.begin();
    await world.steps(...steps);
    expect(await world.faults({ note: 'changed' })).toEqual([]);
  });
});
