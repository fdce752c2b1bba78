import type { Project } from './project.ts';

/** A test that runs whole rotations against a service that it stands for itself. */
export function genericTest({ name }: Pick<Project, 'name'>): string {
  return `import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { after, test } from 'node:test';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { LocalSecretsManager } from '@keyturn/local-secrets-manager';
import { handler } from './handler.ts';

/** Stands for the service: one account, which changes its own password. Make it behave as yours does. */
const passwords = new Map<string, string>([['app', randomUUID()]]);
let losesAnswers = false;
const service = createServer(async (request, response) => {
  const basic = request.headers.authorization?.replace(/^Basic /, '') ?? '';
  const [user = '', password] = Buffer.from(basic, 'base64').toString().split(/:(.*)/s);
  const body = request.method === 'PUT' ? ((await json(request)) as { password: string }) : undefined;
  const isRight = passwords.get(user) === password;
  if (isRight && body !== undefined) passwords.set(user, body.password);
  if (body !== undefined && losesAnswers) return void request.socket.destroy();
  response.writeHead(!isRight ? 401 : body === undefined ? 200 : 204).end();
});
await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));

// The handler finds Secrets Manager as it does on Lambda: by its environment.
const manager = new LocalSecretsManager({ rotation: { attempts: 1 } });
const { url: endpoint } = await manager.listen({ port: 0 });
Object.assign(process.env, {
  SECRETS_MANAGER_ENDPOINT: endpoint,
  AWS_REGION: manager.region,
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
});
const arn = manager.registerFunction('${name}', handler);
const client = new SecretsManagerClient({ endpoint });

after(async () => {
  client.destroy();
  await manager.close();
  service.closeAllConnections();
  service.close();
});

/** Stores a secret, rotates it as Secrets Manager does, and tells how that ended. */
async function rotate(SecretId: string): Promise<string> {
  await client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: arn }));
  return (await manager.rotationSettled(SecretId)).outcome;
}

async function store(secret: object): Promise<string> {
  const command = new CreateSecretCommand({ Name: randomUUID(), SecretString: JSON.stringify(secret) });
  return (await client.send(command)).ARN ?? '';
}

async function read(SecretId: string): Promise<Record<string, string>> {
  const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId }));
  return JSON.parse(SecretString);
}

const { port } = service.address() as AddressInfo;
const login = { url: \`http://127.0.0.1:\${port}\`, username: 'app' };

test('a rotation gives the account a new password, and the secret holds it', async () => {
  const before = passwords.get('app') ?? '';
  const secret = await store({ ...login, password: before, note: 'kept as it is' });
  assert.equal(await rotate(secret), 'succeeded');
  const { password, note } = await read(secret);
  assert.notEqual(password, before);
  assert.deepEqual([password, note], [passwords.get('app'), 'kept as it is']);
});

test('a rotation whose change got through and whose answer was lost completes', async () => {
  const secret = await store({ ...login, password: passwords.get('app') });
  losesAnswers = true;
  assert.equal(await rotate(secret), 'failed');
  losesAnswers = false;
  manager.reattemptRotation(secret);
  assert.equal((await manager.rotationSettled(secret)).outcome, 'succeeded');
  assert.equal((await read(secret)).password, passwords.get('app'));
});

test('a secret that lacks a key fails before anything is written', async () => {
  const secret = await store({ ...login, url: 'http://service.example', password: 'unchanged' });
  assert.equal(await rotate(secret), 'failed');
  assert.equal((await read(secret)).password, 'unchanged');
});
`;
}
