import { stat } from 'node:fs/promises';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { recordOutput, recordSecret } from '@keyturn/engine-conformance';
import { bundleProcess, LocalSecretsManager } from '@keyturn/local-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { bundleTemplate } from '../../../../scripts/bundle-template.ts';
import { Account } from '../testing/account.ts';
import { openDoor } from '../testing/aws-double.ts';

test('the template’s bundle rotates twice in a process of its own, with the endpoints and credentials of its environment', async () => {
  const account = new Account();
  const user = account.addUser('app');
  const key = account.addKey(user);
  const role = account.addRole('rotation', (_, resource) => resource === user.arn);
  const door = await openDoor(account, { region: 'us-east-1' });
  const manager = new LocalSecretsManager({ rotation: { attempts: 1 } });
  const file = await bundleTemplate('SecretsManagerIAMAccessKeyRotation');
  const output: string[] = [];
  const bundle = bundleProcess({
    file,
    environment: {
      AWS_ENDPOINT_URL_IAM: door.url,
      AWS_ENDPOINT_URL_STS: door.url,
      AWS_ACCESS_KEY_ID: role.accessKeyId,
      AWS_SECRET_ACCESS_KEY: role.secretAccessKey,
      AWS_SESSION_TOKEN: role.sessionToken,
    },
    onLog: ({ text }) => void output.push(text),
  });
  onTestFinished(async () => {
    for (const line of output) recordOutput(line);
    for (const { secret } of user.keys) recordSecret(secret);
    await manager.close();
    await bundle.close();
    await door.close();
  });
  await manager.listen();
  const person = new SecretsManagerClient(manager.clientOptions());
  const RotationLambdaARN = manager.registerFunction('iam', bundle);
  const { ARN = '' } = await person.send(
    new CreateSecretCommand({
      Name: 'app',
      SecretString: JSON.stringify({ AccessKeyId: key.id, SecretAccessKey: key.secret }),
    }),
  );
  for (const live of [2, 2]) {
    await person.send(
      new RotateSecretCommand({ SecretId: ARN, RotationLambdaARN, RotationRules: { AutomaticallyAfterDays: 30 } }),
    );
    const { outcome } = await manager.rotationSettled(ARN);
    expect(outcome, output.join('\n')).toBe('succeeded');
    expect(account.live(user)).toHaveLength(live);
  }
  const { SecretString = '{}' } = await person.send(new GetSecretValueCommand({ SecretId: ARN }));
  expect(account.live(user).map(({ id }) => id)).toContain(JSON.parse(SecretString).AccessKeyId);
  expect(key.deleted).toBe(true);
  const { size } = await stat(file);
  console.log(`The bundle has ${Math.round(size / 1000)} kB; one process: ${bundle.starts} start`);
  expect(size).toBeLessThan(1_500_000);
});
