import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { RunningService } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTemplates } from '../scripts/pack/find-templates.ts';
import { strategies } from '../scripts/pack/strategies.ts';
import { SharedServers } from './shared-servers.ts';
import { TemplateBench } from './template-bench.ts';
import { makeStack, readTemplate } from './template-cloudformation.ts';

const templates = await findTemplates();
const names = templates.filter(({ service }) => service.package.startsWith('@keyturn/engine-')).map(({ name }) => name);

const servers = new SharedServers();
afterAll(() => servers.stop());

/** Parameters as a stack of AWS's application has them; each of its applications takes these names. */
const single = {
  endpoint: 'https://secretsmanager.us-east-1.amazonaws.com',
  functionName: 'rotate-app',
  vpcSubnetIds: 'subnet-1,subnet-2',
  vpcSecurityGroupIds: 'sg-1',
  kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/1',
  excludeCharacters: ':/@"\'\\0O',
  passwordLength: '28',
  excludeNumbers: 'false',
  excludePunctuation: 'true',
  excludeUppercase: 'false',
  excludeLowercase: 'false',
  requireEachIncludedType: 'true',
};
const multi = {
  ...single,
  masterSecretArn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:master-AbCdEf',
  masterSecretKmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/2',
};

const attributes = (resource: string, name: string): string => `${resource}.${name}`;

async function functionOf(template: string, parameters: Readonly<Record<string, string>>) {
  return makeStack(await readTemplate(template), parameters, attributes).resources[template];
}

describe.each(names)('a stack made for AWS’s %s, and its secret', (template) => {
  const facts = templates.find(({ name }) => name === template);
  const parameters = facts !== undefined && strategies[facts.strategy].master === 'needed' ? multi : single;
  let running: RunningService;

  beforeAll(async () => {
    running = await servers.of(template);
  });

  test('rotate with ours, with nothing changed but the code', async () => {
    const made = await functionOf(template, parameters);
    expect(made).toMatchObject({
      FunctionName: 'rotate-app',
      VpcConfig: { SubnetIds: ['subnet-1', 'subnet-2'], SecurityGroupIds: ['sg-1'] },
    });
    // What AWS's stacks put into the environment, by the names that AWS's functions read.
    expect(made.Environment.Variables).toMatchObject({
      SECRETS_MANAGER_ENDPOINT: 'https://secretsmanager.us-east-1.amazonaws.com',
      EXCLUDE_CHARACTERS: ':/@"\'\\0O',
      PASSWORD_LENGTH: '28',
      EXCLUDE_PUNCTUATION: 'true',
    });
    // The local service stands at another address; all else is the stack's.
    const { SECRETS_MANAGER_ENDPOINT: _, ...environment } = made.Environment.Variables;
    const bench = await TemplateBench.make(template, running, { environment });
    const person = new SecretsManagerClient(bench.manager.clientOptions({ caller: 'person' }));
    const value = async (): Promise<Record<string, unknown>> => {
      const { SecretString = '{}' } = await person.send(new GetSecretValueCommand({ SecretId: bench.secretId }));
      return JSON.parse(SecretString);
    };
    // As RDS and users write them: the port as a text, and a key of somebody's own.
    const before = { ...(await value()), dbInstanceIdentifier: 'app', port: String(running.port) };
    await person.send(new PutSecretValueCommand({ SecretId: bench.secretId, SecretString: JSON.stringify(before) }));
    for (const _ of [1, 2]) {
      expect((await bench.rotate()).outcome, bench.output.join('\n')).toBe('succeeded');
      expect(await bench.currentWorks()).toBe(true);
      const { password, username, ...others } = await value();
      const { password: _old, username: _user, ...othersBefore } = before as Record<string, unknown>;
      expect(others).toEqual(othersBefore);
      expect(password).toMatch(/^[1-9a-zA-NP-Z]{28}$/);
      expect(typeof username).toBe('string');
    }
    await bench.close();
  });

  test('deploy with only what AWS’s application asks for', async () => {
    const { endpoint, functionName } = single;
    const { Environment } = await functionOf(template, { endpoint, functionName });
    expect(Environment.Variables).toEqual({
      SECRETS_MANAGER_ENDPOINT: endpoint,
      PASSWORD_SOURCE: 'local',
      POWERTOOLS_LOG_LEVEL: 'INFO',
    });
  });
});

describe('the control:', () => {
  const template = 'SecretsManagerRDSPostgreSQLRotationMultiUser';

  test('a parameter that a template does not have ends the deploy', async () => {
    await expect(functionOf(template, { ...multi, MasterSecretArn: 'x' })).rejects.toThrow(
      'Parameters: [MasterSecretArn] do not exist in the template',
    );
  });

  test('an endpoint without https://, with which no rotation works, ends it too', async () => {
    await expect(
      functionOf(template, { ...multi, endpoint: 'secretsmanager.us-east-1.amazonaws.com' }),
    ).rejects.toThrow('Parameter endpoint failed to satisfy constraint');
  });
});

test('AWS’s newer names of the master secret mean the same, and count where both are given', async () => {
  const template = 'SecretsManagerRDSPostgreSQLRotationMultiUser';
  const newer = multi.masterSecretArn.replace('master', 'superuser');
  const given = { ...multi, superuserSecretArn: newer };
  expect((await functionOf(template, given)).Environment.Variables.MASTER_SECRET_ARN).toBe(newer);
  const { masterSecretArn: _, ...without } = given;
  expect((await functionOf(template, without)).Environment.Variables.MASTER_SECRET_ARN).toBe(newer);
});
