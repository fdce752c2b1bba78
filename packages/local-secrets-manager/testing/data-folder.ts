import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { LocalSecretsManager, type OpenOptions } from '../src/index.ts';
import { type RawCall, token } from './service.ts';

/** A path in a folder of its own, which goes at the end of the test. Nothing is there yet. */
export function dataFolder(): string {
  const parent = mkdtempSync(join(tmpdir(), 'keyturn-data-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  return join(parent, 'data');
}

/** A service over a data folder, which is closed at the end of the test at the latest. */
export async function opened(folder: string, options: Partial<OpenOptions> = {}): Promise<LocalSecretsManager> {
  const local = await LocalSecretsManager.open({ ...options, dataFolder: folder });
  onTestFinished(() => local.close());
  return local;
}

/** The secret that {@link filled} is about. */
const SecretId = 's';

/** A value as a database secret has it. */
export const value = (text: string): string => `{"password":"${text}"}`;

/** Makes four secrets with something of everything that a secret can have: `s`, `empty`, `deleted`, and one that is gone. */
export async function filled(call: RawCall): Promise<void> {
  await call('CreateSecret', {
    Name: SecretId,
    SecretString: value('first'),
    ClientRequestToken: token(),
    Description: 'a database',
    KmsKeyId: 'alias/own',
    Tags: [{ Key: 'team', Value: 'blue' }],
  });
  const put = (input: Record<string, unknown>) =>
    call('PutSecretValue', { SecretId, ClientRequestToken: token(), ...input });
  await put({ SecretString: value('second') });
  await put({ SecretString: value('third'), VersionStages: ['BLUE'] });
  await put({ SecretBinary: Buffer.from([0, 1, 255]).toString('base64'), VersionStages: ['BLUE', 'BINARY'] });
  await call('PutResourcePolicy', {
    SecretId,
    ResourcePolicy: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: '*', Resource: '*' },
    }),
  });
  await call('CreateSecret', { Name: 'empty', ClientRequestToken: token() });
  await call('CreateSecret', { Name: 'deleted', SecretString: value('gone soon'), ClientRequestToken: token() });
  await call('DeleteSecret', { SecretId: 'deleted', RecoveryWindowInDays: 7 });
  await call('CreateSecret', { Name: 'removed', SecretString: value('gone'), ClientRequestToken: token() });
  await call('DeleteSecret', { SecretId: 'removed', ForceDeleteWithoutRecovery: true });
}
