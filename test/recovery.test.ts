import { PutSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { goodSecret, RotationBench } from './rotation-bench.ts';

/** Gives up the rotation after a step, as a crash and a person who tidies up would, and begins the next one. */
async function giveUpAfter(bench: RotationBench, ...steps: ('createSecret' | 'setSecret')[]): Promise<void> {
  await bench.steps(...steps);
  await bench.takePendingOff();
  bench.restart();
  await bench.begin();
}

function refusedLogins(bench: RotationBench): number {
  return bench.database.log.filter((line) => line.startsWith('refuse')).length;
}

describe.each(['user', 'master'] as const)('when AWSCURRENT is refused, changed by the %s', (changedBy) => {
  test('the password of a rotation that was given up after setSecret is found', async () => {
    const bench = await RotationBench.make({ changedBy });
    await giveUpAfter(bench, 'createSecret', 'setSecret');
    await bench.rotate();
    expect(bench.database.users.get('app')?.passwords[0]).toBe((await bench.value()).password);
    expect(refusedLogins(bench)).toBe(2);
  });

  test('the newest of many is found first', async () => {
    const bench = await RotationBench.make({ changedBy });
    for (let i = 0; i < 5; i += 1) await giveUpAfter(bench, 'createSecret', 'setSecret');
    const before = refusedLogins(bench);
    await bench.rotate();
    expect(refusedLogins(bench) - before).toBe(2);
  });

  test('AWSPREVIOUS is found, where somebody stored a wrong password by hand', async () => {
    const bench = await RotationBench.make({ changedBy });
    await bench.rotate();
    const wrong = { ...goodSecret, password: 'mistyped-by-somebody' };
    await bench.person.send(
      new PutSecretValueCommand({ SecretId: bench.secretId, SecretString: JSON.stringify(wrong) }),
    );
    await bench.begin();
    await bench.rotate();
    expect(bench.database.users.get('app')?.passwords[0]).toBe((await bench.value()).password);
  });

  test('an older version of another user, another service or another shape is not tried', async () => {
    const bench = await RotationBench.make({ changedBy });
    const put = (value: string): Promise<unknown> =>
      bench.person.send(new PutSecretValueCommand({ SecretId: bench.secretId, SecretString: value }));
    await put('plain text of former days');
    await put(JSON.stringify({ ...goodSecret, username: 'master' }));
    await put(JSON.stringify({ ...goodSecret, host: 'elsewhere.example' }));
    await put(JSON.stringify({ ...goodSecret, password: 'mistyped-by-somebody' }));
    await bench.begin();
    await bench.step('createSecret');
    await bench.step('setSecret');
    // AWSCURRENT, AWSPENDING, and the one other version of this user at this service, which works.
    expect(bench.database.log.slice(0, 3)).toEqual(['refuse app', 'refuse app', 'connect app']);
    expect(refusedLogins(bench)).toBe(2);
  });

  test('no invocation has more than three logins refused, and the account is never locked', async () => {
    const bench = await RotationBench.make({ changedBy });
    await bench.step('createSecret');
    for (let i = 0; i < 6; i += 1) await giveUpAfter(bench, 'createSecret');
    await bench.step('createSecret');
    bench.database.add('app', 'changed-by-hand-to-this');
    const before = refusedLogins(bench);
    await expect(bench.step('setSecret')).rejects.toMatchObject({
      code: 'login-failed',
      user: 'app',
      message: expect.stringContaining('no more are tried in one invocation'),
    });
    expect(refusedLogins(bench) - before).toBe(3);
    expect(bench.database.log).not.toContain('connect master');
  });

  test('the control: with the limit raised, the same search locks the account', async () => {
    const bench = await RotationBench.make({ changedBy, function: { failedLoginLimit: 10 } });
    for (let i = 0; i < 6; i += 1) await giveUpAfter(bench, 'createSecret');
    await bench.step('createSecret');
    bench.database.add('app', 'changed-by-hand-to-this');
    await expect(bench.step('setSecret')).rejects.toMatchObject({ code: 'account-locked' });
  });

  test('the retries of a warm process get to a password that lies deeper than one invocation may look', async () => {
    const bench = await RotationBench.make({ changedBy });
    await giveUpAfter(bench, 'createSecret', 'setSecret');
    for (let i = 0; i < 3; i += 1) await giveUpAfter(bench, 'createSecret');
    await bench.step('createSecret');
    const refusedIn: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const before = refusedLogins(bench);
      const outcome = await bench.step('setSecret').then(
        () => 'set',
        (error: { code: string }) => error.code,
      );
      refusedIn.push(refusedLogins(bench) - before);
      // Time passes between retries, and a counter of refused logins with it; this database has no such mercy.
      const account = bench.database.users.get('app');
      if (account !== undefined) account.refusedInARow = 0;
      if (outcome === 'set') break;
      expect(outcome).toBe('login-failed');
    }
    expect(refusedIn).toEqual([3, 2]);
    await bench.steps('testSecret', 'finishSecret');
  });

  test('a role without ListSecretVersionIds still finds the versions that have a label', async () => {
    const bench = await RotationBench.make({
      changedBy,
      onCall: ({ operation }) =>
        operation === 'ListSecretVersionIds'
          ? { action: 'error', type: 'AccessDeniedException', message: 'not allowed', status: 400 }
          : { action: 'pass' },
    });
    await bench.rotate();
    const wrong = { ...goodSecret, password: 'mistyped-by-somebody' };
    await bench.person.send(
      new PutSecretValueCommand({ SecretId: bench.secretId, SecretString: JSON.stringify(wrong) }),
    );
    await bench.begin();
    await bench.rotate();
    expect(bench.database.users.get('app')?.passwords[0]).toBe((await bench.value()).password);
  });
});

describe('Secrets Manager’s reads may be late', () => {
  test.each([1, 2, 3])('a pending version that shows only at look %i is waited for', async (late) => {
    let hidden = 0;
    const bench = await RotationBench.make({
      onCall: ({ operation, moment }) => {
        const hide = operation === 'GetSecretValue' && moment === 'before' && hidden > 0;
        if (!hide) return { action: 'pass' };
        hidden -= 1;
        return { action: 'error', type: 'ResourceNotFoundException', message: 'not yet', status: 400 };
      },
      function: { consistencyWaitMs: 3_000 },
    });
    await bench.steps('createSecret', 'setSecret');
    hidden = late;
    await bench.step('testSecret');
    expect(bench.database.log.at(-1)).toBe('ping app');
  });

  test('the control: without the wait the same delay fails the step', async () => {
    let hidden = 0;
    const bench = await RotationBench.make({
      onCall: ({ operation, moment }) => {
        if (operation !== 'GetSecretValue' || moment !== 'before' || hidden === 0) return { action: 'pass' };
        hidden -= 1;
        return { action: 'error', type: 'ResourceNotFoundException', message: 'not yet', status: 400 };
      },
      function: { consistencyWaitMs: 0 },
    });
    await bench.steps('createSecret');
    hidden = 1;
    await expect(bench.step('setSecret')).rejects.toMatchObject({ code: expect.stringMatching(/no-|has-no-value/) });
  });

  test('AWSCURRENT of before the last promotion is not made the base of the next version', async () => {
    const bench = await RotationBench.make({
      onCall: ({ operation, moment, nth }) =>
        operation === 'GetSecretValue' && moment === 'before' && nth === 1 ? { action: 'stale' } : { action: 'pass' },
    });
    await bench.takePendingOff();
    const changed = await bench.person.send(
      new PutSecretValueCommand({
        SecretId: bench.secretId,
        SecretString: JSON.stringify({ ...goodSecret, note: 'new' }),
        VersionStages: ['MINE'],
      }),
    );
    await bench.begin();
    const [former = ''] = Object.entries(await bench.labels()).find(([, on]) => on.includes('AWSCURRENT')) ?? [];
    // The last write before createSecret reads: its first read of AWSCURRENT still answers with the former version.
    await bench.person.send(
      new UpdateSecretVersionStageCommand({
        SecretId: bench.secretId,
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: former,
        MoveToVersionId: changed.VersionId,
      }),
    );
    await bench.step('createSecret');
    expect(await bench.value({ id: bench.token })).toMatchObject({ note: 'new' });
  });
});

describe('an answer that is lost', () => {
  test.each(['PutSecretValue', 'UpdateSecretVersionStage'])('of %s does not fail the rotation', async (operation) => {
    let dropped = 0;
    const bench = await RotationBench.make({
      onCall: (point) => {
        if (point.operation !== operation || point.moment !== 'after' || dropped > 0) return { action: 'pass' };
        dropped += 1;
        return { action: 'drop' };
      },
    });
    await bench.rotate();
    expect(dropped).toBe(1);
    expect(bench.database.users.get('app')?.passwords[0]).toBe((await bench.value()).password);
  });
});
