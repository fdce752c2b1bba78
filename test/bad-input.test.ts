import { randomUUID } from 'node:crypto';
import {
  CancelRotateSecretCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type ErrorCode, steps } from '@keyturn/core';
import { describe, expect, test } from 'vitest';
import { type BenchOptions, goodSecret, RotationBench } from './rotation-bench.ts';

const { password: _, ...withoutPassword } = goodSecret;
const marker = goodSecret.password;

/** Takes a step that must fail, and shows that it changed nothing: no label, no value, no password, no login. */
async function refused(bench: RotationBench, step: string, token?: string): Promise<{ code: ErrorCode; text: string }> {
  const before = await bench.everything();
  const logins = bench.database.log.length;
  const error = await bench.step(step, token).then(
    () => undefined,
    (thrown: Error & { code: ErrorCode }) => thrown,
  );
  expect(error, `${step} must fail`).toBeDefined();
  expect(await bench.everything()).toEqual(before);
  expect(bench.database.log.slice(logins)).toEqual([]);
  const text = `${error?.stack} ${JSON.stringify(error)}`;
  expect(text).not.toContain(marker);
  return { code: error?.code ?? 'unexpected', text };
}

describe('createSecret refuses a secret with one clear error, and changes nothing', () => {
  const secrets: [name: string, code: ErrorCode, options: BenchOptions][] = [
    ['plain text', 'secret-not-json', { text: marker }],
    ['JSON cut off', 'secret-not-json', { text: JSON.stringify(goodSecret).slice(0, -1) }],
    ['an array', 'secret-not-json', { text: JSON.stringify([goodSecret]) }],
    ['a JSON string', 'secret-not-json', { text: JSON.stringify(marker) }],
    ['null', 'secret-not-json', { text: 'null' }],
    ['binary', 'secret-not-json', { binary: Buffer.from(JSON.stringify(goodSecret)) }],
    ['an empty object', 'invalid-secret', { text: '{}' }],
    ['blank', 'secret-not-json', { text: ' ' }],
    ['no password', 'invalid-secret', { text: JSON.stringify(withoutPassword) }],
    ['a wrong engine', 'invalid-secret', { text: JSON.stringify({ ...goodSecret, engine: 'oracle' }) }],
    ['a port that is no number', 'invalid-secret', { text: JSON.stringify({ ...goodSecret, port: 'abc' }) }],
    ['a name with NUL', 'invalid-secret', { text: JSON.stringify({ ...goodSecret, username: 'a\0b' }) }],
    ['a name too long', 'invalid-secret', { text: JSON.stringify({ ...goodSecret, username: 'n'.repeat(64) }) }],
    [
      'so large that the next version would not fit',
      'secret-too-large',
      { text: JSON.stringify({ ...goodSecret, password: 'x', filler: 'x'.repeat(65_536 - 115) }) },
    ],
    ['a policy that nothing fits', 'policy-unsatisfiable', { function: { password: { passwordLength: 2 } } }],
    [
      'a password longer than the engine takes',
      'policy-unsatisfiable',
      { function: { password: { passwordLength: 200 } } },
    ],
    ['a wrong variable', 'invalid-configuration', { function: { env: { PASSWORD_LENGTH: 'long' } } }],
    [
      'no master secret where the master is to reset',
      'master-secret-missing',
      { changedBy: 'master', function: { masterSecretArn: undefined } },
    ],
  ];

  test.each(secrets)('%s', async (_name, code, options) => {
    const bench = await RotationBench.make(options);
    expect((await refused(bench, 'createSecret')).code).toBe(code);
  });

  test('the control: a good secret is rotated', async () => {
    const bench = await RotationBench.make();
    const before = await bench.everything();
    await bench.step('createSecret');
    expect(await bench.everything()).not.toEqual(before);
  });

  test('a name with quotes, backslashes, percent signs and emoji is a name like others', async () => {
    for (const username of [`o'brien"`, 'back\\slash', '100%s', '🦊', '$1; DROP', '-- x', 'a\nb']) {
      const bench = await RotationBench.make({ text: JSON.stringify({ ...goodSecret, username }) });
      bench.database.add(username, goodSecret.password);
      await bench.rotate();
      expect(bench.database.users.get(username)?.passwords[0]).toBe((await bench.value()).password);
    }
  });
});

describe('every step refuses a state that is no rotation in progress, and changes nothing', () => {
  test.each(steps)('%s: a token without a version', async (step) => {
    const bench = await RotationBench.make();
    expect((await refused(bench, step, randomUUID())).code).toBe('version-not-found');
  });

  test.each(steps)('%s: a token whose version is AWSCURRENT, and no rotation has made it so', async (step) => {
    const bench = await RotationBench.make();
    const [current = ''] = Object.entries(await bench.labels()).find(([, on]) => on.includes('AWSCURRENT')) ?? [];
    expect((await refused(bench, step, current)).code).toBe('version-already-current');
  });

  test.each(steps)('%s: a version that has lost AWSPENDING', async (step) => {
    const bench = await RotationBench.make();
    await bench.step('createSecret');
    const label = { SecretId: bench.secretId, MoveToVersionId: bench.token, VersionStage: 'MINE' };
    await bench.person.send(new UpdateSecretVersionStageCommand(label));
    await bench.takePendingOff();
    expect((await refused(bench, step)).code).toBe('version-not-pending');
  });

  test.each(steps)('%s: a version that has lost every label', async (step) => {
    const bench = await RotationBench.make();
    await bench.step('createSecret');
    await bench.takePendingOff();
    expect((await refused(bench, step)).code).toBe('version-not-found');
  });

  test.each(['createSecret', 'finishSecret'] as const)('%s: rotation is turned off', async (step) => {
    const bench = await RotationBench.make();
    await bench.person.send(new CancelRotateSecretCommand({ SecretId: bench.secretId }));
    expect((await refused(bench, step)).code).toBe('rotation-disabled');
  });

  test.each(['setSecret', 'finishSecret'] as const)('%s: a version without a value', async (step) => {
    const bench = await RotationBench.make();
    expect((await refused(bench, step)).code).toBe('version-has-no-value');
  });

  test.each(steps)('%s: a secret that is not there', async (step) => {
    const bench = await RotationBench.make();
    bench.secretId = `${bench.secretId.slice(0, -6)}zzzzzz`;
    const error = await bench.step(step).catch((thrown: { code: string }) => thrown);
    expect(error).toMatchObject({ code: 'secret-not-found', step });
    expect(bench.database.log).toEqual([]);
  });

  test.each(['create_secret', 'toString', 'rotateSecret'])('the unknown step %s', async (step) => {
    const bench = await RotationBench.make();
    expect((await refused(bench, step)).code).toBe('unknown-step');
  });
});

describe('setSecret refuses a pending value that somebody has changed, before any login', () => {
  const changes: [name: string, code: ErrorCode, change: object][] = [
    ['another user', 'user-mismatch', { username: 'master' }],
    ['another host', 'service-mismatch', { host: 'elsewhere.example' }],
    ['another port', 'service-mismatch', { port: 2 }],
    ['a password that the engine does not accept', 'password-not-accepted', { password: `tab\t${marker}` }],
    ['no user', 'invalid-secret', { username: undefined }],
  ];

  test.each(changes)('%s', async (_name, code, change) => {
    const bench = await RotationBench.make();
    await bench.person.send(
      new PutSecretValueCommand({
        SecretId: bench.secretId,
        ClientRequestToken: bench.token,
        SecretString: JSON.stringify({ ...goodSecret, ...change }),
        VersionStages: ['AWSPENDING'],
      }),
    );
    const before = bench.database.log.length;
    const error = await bench.step('setSecret').catch((thrown: { code: string; stage: string }) => thrown);
    expect(error).toMatchObject({ code, step: 'setSecret' });
    expect(bench.database.log.slice(before)).toEqual([]);
  });
});
