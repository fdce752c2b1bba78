import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { service } from '../../testing/service.ts';

/** A service with a secret that the function has read, and what its log lines become. */
async function heard() {
  const local = service();
  const client = new SecretsManagerClient(local.clientOptions());
  const SecretString = JSON.stringify({ username: 'app', password: 'pa55word' });
  const { ARN: secretId = '' } = await client.send(new CreateSecretCommand({ Name: 'shop/db', SecretString }));
  const hear = local.functionLog('rotate-db');
  const inFunction = new SecretsManagerClient(local.clientOptions({ functionName: 'rotate-db' }));
  await inFunction.send(new GetSecretValueCommand({ SecretId: secretId }));
  local.timeline.clear();
  return {
    secretId,
    line(fields: object): object[] {
      hear({ stream: 'stdout', text: JSON.stringify({ service: 'keyturn', secretId, ...fields }) });
      return [...local.timeline.entries];
    },
    text(text: string): object[] {
      hear({ stream: 'stderr', text });
      return [...local.timeline.entries];
    },
  };
}

it('a login is recorded with who, where and with which credential', async () => {
  const { line, secretId } = await heard();
  const facts = { step: 'setSecret', versionId: 'v2', endpoint: 'db:5432', user: 'app', with: 'AWSCURRENT' };
  expect(line({ message: 'logged-in', awsRequestId: 'r', level: 'INFO', strategy: 's', ...facts })).toEqual([
    { kind: 'login', at: expect.any(Number), functionName: 'rotate-db', secretId, ok: true, ...facts },
  ]);
});

it('a refused login is one too', async () => {
  const { line } = await heard();
  const entries = line({ message: 'login-refused', with: 'AWSPENDING', triedVersionId: 'v2' });
  expect(entries).toMatchObject([{ kind: 'login', ok: false, with: 'AWSPENDING' }]);
});

it('a failure is recorded with its code, reason and remedy', async () => {
  const { line, secretId } = await heard();
  const facts = { step: 'setSecret', code: 'login-failed', reason: 'no', remedy: 'do this', driverCode: '28P01' };
  expect(line({ message: 'step-failed', ...facts })).toEqual([
    { kind: 'failure', at: expect.any(Number), functionName: 'rotate-db', secretId, ...facts },
  ]);
});

it('what steps and metrics say besides is on the timeline already', async () => {
  const { line, text } = await heard();
  line({ message: 'step-succeeded', durationMs: 12 });
  text('{"_aws":{"CloudWatchMetrics":[]},"StepFailed":1}');
  expect(text('   ')).toEqual([]);
});

it('a line of any other kind is kept as it is', async () => {
  const { text } = await heard();
  text('connecting …');
  text('{"message":"logged-in"}');
  expect(text('{ not JSON')).toMatchObject([
    { kind: 'log', functionName: 'rotate-db', stream: 'stderr', text: 'connecting …' },
    { kind: 'log', text: '{"message":"logged-in"}' },
    { kind: 'log', text: '{ not JSON' },
  ]);
});

it('no value of a secret that the function has called for gets into the timeline', async () => {
  const { line, text } = await heard();
  line({ message: 'logged-in', user: 'pa55word', endpoint: `db:${Buffer.from('pa55word').toString('base64')}` });
  line({ message: 'step-failed', code: 'x', reason: 'with pa55word', remedy: 'pa55word' });
  const entries = text('debug: password=pa55word');
  expect(entries).toHaveLength(3);
  expect(JSON.stringify(entries)).not.toMatch(/pa55word|cGE1NXdvcmQ/);
  expect(JSON.stringify(entries)).toContain('[redacted]');
});

it.each([
  [
    'of a secret that is not here',
    { message: 'logged-in', secretId: 'arn:aws:secretsmanager:x:1:secret:absent-abcdef' },
  ],
  ['that names none', { message: 'logged-in', secretId: 7 }],
  ['with a secret that cannot be a name', { message: 'step-failed', secretId: '<script>' }],
])('an event %s is not recorded', async (_which, fields) => {
  const { line } = await heard();
  expect(line(fields)).toEqual([]);
});

it('a line without end is cut', async () => {
  const { text } = await heard();
  expect((text('x'.repeat(1_000_000)) as { text: string }[])[0]?.text).toHaveLength(2000);
});
