import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type RunningService, recordSecret } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TemplateBench } from './template-bench.ts';
import { databaseOf } from './template-service.ts';

const template = 'SecretsManagerRDSMariaDBRotationSingleUser';
const installed = spawnSync('aws', ['--version']).status === 0;
const reason = installed ? '' : ' (skipped: the AWS CLI is not on the PATH)';

describe.skipIf(!installed)(`the tutorials of the AWS guide, with the public AWS CLI${reason}`, () => {
  let running: RunningService;
  let bench: TemplateBench;
  let folder: string;

  beforeAll(async () => {
    const service = await databaseOf(template);
    await service.prepare();
    running = await service.start();
    bench = await TemplateBench.make(template, running);
    folder = await mkdtemp(join(tmpdir(), 'keyturn-test-'));
  });
  afterAll(async () => {
    await bench?.close();
    await running?.stop();
    await rm(folder, { recursive: true });
  });

  /** Runs a command as the guide prints it, but for the endpoint, which the environment names. */
  async function aws(command: string): Promise<Record<string, never>> {
    const { stdout } = await promisify(execFile)('sh', ['-c', `aws ${command}`], {
      env: {
        ...process.env,
        ...bench.environment,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: bench.environment.SECRETS_MANAGER_ENDPOINT,
        AWS_DEFAULT_REGION: bench.manager.region,
        AWS_DEFAULT_OUTPUT: 'json',
        AWS_PAGER: '',
      },
    });
    return stdout.trim() === '' ? {} : JSON.parse(stdout);
  }

  test('Creating and Retrieving a Secret', { timeout: 60_000 }, async () => {
    const created = await aws(
      'secretsmanager create-secret --name tutorials/MyFirstTutorialSecret --description "The secret I created for the first tutorial"',
    );
    expect(created).toMatchObject({
      ARN: expect.stringMatching(/:secret:tutorials\/MyFirstTutorialSecret-[A-Za-z0-9]{6}$/),
      Name: 'tutorials/MyFirstTutorialSecret',
    });
    // The guide stores the value in the console here.
    const value = JSON.stringify({ username: 'myserviceusername', password: 'MyVerySecureP@ssw0rd!' });
    await writeFile(join(folder, 'value.json'), value);
    await aws(
      `secretsmanager put-secret-value --secret-id tutorials/MyFirstTutorialSecret --secret-string file://${folder}/value.json`,
    );
    const described = await aws('secretsmanager describe-secret --secret-id tutorials/MyFirstTutorialSecret');
    expect(described).toMatchObject({
      ARN: created.ARN,
      Name: 'tutorials/MyFirstTutorialSecret',
      Description: 'The secret I created for the first tutorial',
      LastChangedDate: expect.anything(),
    });
    expect(Object.values(described.VersionIdsToStages ?? {})).toEqual([['AWSCURRENT']]);
    const got = await aws(
      'secretsmanager get-secret-value --secret-id tutorials/MyFirstTutorialSecret --version-stage AWSCURRENT',
    );
    expect(got).toMatchObject({
      ARN: created.ARN,
      Name: 'tutorials/MyFirstTutorialSecret',
      SecretString: value,
      VersionStages: ['AWSCURRENT'],
    });
    expect(Object.keys(described.VersionIdsToStages ?? {})).toEqual([got.VersionId]);
  });

  test('Rotating a Secret for an AWS Database, here MariaDB', { timeout: 120_000 }, async () => {
    // Steps 1 and 2, which the guide takes in the console: a database with a user, and a secret for it.
    const first = { username: 'adminuser', password: 'initial-password-of-adminuser' };
    recordSecret(first.password);
    await running.createUser(first.username, first.password);
    const { host, port, engineName } = running;
    await writeFile(join(folder, 'secret.json'), JSON.stringify({ engine: engineName, host, port, ...first }));
    await aws(
      `secretsmanager create-secret --name MyTestDatabaseMasterSecret --secret-string file://${folder}/secret.json`,
    );
    // Step 3: the credentials of the secret log in.
    const before = await credentials();
    expect(before).toMatchObject(first);
    expect(await running.logsIn(before.username, before.password)).toBe(true);
    // Step 4: rotation every 30 days, beginning now.
    const rotated = await aws(
      `secretsmanager rotate-secret --secret-id MyTestDatabaseMasterSecret --rotation-lambda-arn ${bench.functionArn} --rotation-rules AutomaticallyAfterDays=30`,
    );
    expect((await bench.manager.rotationSettled(String(rotated.ARN))).outcome).toBe('succeeded');
    // Step 5: the new credentials log in, and the old ones do not.
    const after = await credentials();
    recordSecret(after.password);
    expect(after).toMatchObject({ username: 'adminuser', host, port });
    expect(after.password).not.toBe(before.password);
    expect(await running.logsIn(after.username, after.password)).toBe(true);
    expect(await running.hasPassword(before.username, before.password)).toBe(false);
    const described = await aws('secretsmanager describe-secret --secret-id MyTestDatabaseMasterSecret');
    expect(described).toMatchObject({ RotationEnabled: true, RotationRules: { AutomaticallyAfterDays: 30 } });
    expect(Object.values<string[]>(described.VersionIdsToStages ?? {}).flat()).toContain('AWSPREVIOUS');
    // Step 6: clean up.
    await aws('secretsmanager delete-secret --secret-id MyTestDatabaseMasterSecret --recovery-window-in-days 7');
    await expect(credentials()).rejects.toThrow('marked for deletion');
  });

  /** The guide pipes through jq what is read here. */
  async function credentials(): Promise<{ username: string; password: string; host: string; port: number }> {
    const got = await aws('secretsmanager get-secret-value --secret-id MyTestDatabaseMasterSecret');
    return JSON.parse(String(got.SecretString));
  }
});
