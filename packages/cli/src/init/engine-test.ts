import type { EngineFacts } from './find-engines.ts';
import { needsMaster, type Project } from './project.ts';

/** A test that runs a whole rotation against a database that somebody names, and gives the password back. */
export function engineTest(project: Project, engine: EngineFacts): string {
  const { name } = project;
  const master = needsMaster(project);
  const variables = master ? 'DATABASE_URL and MASTER_DATABASE_URL' : 'DATABASE_URL';
  return `import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { LocalSecretsManager, type RotationEvent } from '@keyturn/local-secrets-manager';
import { handler } from './handler.ts';

/** \`${engine.engineValue}://user:password@host:${engine.defaultPort}/database\`, with \`?ssl=false\` only for a server without TLS. */
const { DATABASE_URL = ''${master ? ", MASTER_DATABASE_URL = ''" : ''} } = process.env;
const skip = ${master ? "DATABASE_URL === '' || MASTER_DATABASE_URL === ''" : "DATABASE_URL === ''"} ? 'set ${variables} to a database that may be tested with' : false;

/** A login as a secret of the shape that AWS's guide gives. */
function secretOf(text: string): Record<string, unknown> {
  const url = new URL(text);
  return {
    engine: '${engine.engineValue}',
    host: url.hostname,
    port: url.port === '' ? ${engine.defaultPort} : Number(url.port),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ...(url.pathname.length > 1 ? { dbname: decodeURIComponent(url.pathname.slice(1)) } : {}),
    ...(url.searchParams.get('ssl') === 'false' ? { ssl: false } : {}),
  };
}

test('a rotation gives the user a new password, and the secret holds it', { skip }, async () => {
  // The handler finds Secrets Manager as it does on Lambda: by its environment.
  const manager = new LocalSecretsManager({ rotation: { attempts: 1 } });
  const { url: endpoint } = await manager.listen({ port: 0 });
  Object.assign(process.env, {
    SECRETS_MANAGER_ENDPOINT: endpoint,
    AWS_REGION: manager.region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  const client = new SecretsManagerClient({ endpoint });
  const store = async (secret: object): Promise<string> => {
    const command = new CreateSecretCommand({ Name: randomUUID(), SecretString: JSON.stringify(secret) });
    return (await client.send(command)).ARN ?? '';
  };
  const rotate = async (SecretId: string, before: (event: RotationEvent) => Promise<unknown>): Promise<string> => {
    const arn = manager.registerFunction('${name}', async (event, context) => {
      await before(event);
      await handler(event, context);
    });
    await client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: arn }));
    return (await manager.rotationSettled(SecretId)).outcome;
  };
  try {
    const first = secretOf(DATABASE_URL);
${master ? '    const masterarn = await store(secretOf(MASTER_DATABASE_URL));\n    const SecretId = await store({ ...first, masterarn });' : '    const SecretId = await store(first);'}
    assert.equal(await rotate(SecretId, async () => {}), 'succeeded');
    const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId }));
    const second = JSON.parse(SecretString);
    assert.notEqual(second.password, first.password);
${project.strategy === 'alternating-users' ? alternatingEnd : givenBack}  } finally {
    client.destroy();
    await manager.close();
  }
});
`;
}

const alternatingEnd = `    // The other user of the two: the first one's password works as before.
    assert.notEqual(second.username, first.username);
`;

const givenBack = `    // A value that AWSPENDING holds already is never replaced: so a rotation can give the first password back.
    const back = JSON.stringify({ ...second, password: first.password });
    const outcome = await rotate(SecretId, async ({ Step, ClientRequestToken }) => {
      if (Step !== 'createSecret') return;
      const VersionStages = ['AWSPENDING'];
      await client.send(new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString: back, VersionStages }));
    });
    assert.equal(outcome, 'succeeded');
`;
