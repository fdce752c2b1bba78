import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { recordSecret } from '@keyturn/engine-conformance';
import { LocalSecretsManager } from '@keyturn/local-secrets-manager';
import { expect, onTestFinished, test, vi } from 'vitest';

const root = join(import.meta.dirname, '..');

/** The first example of the README's section, as a file among the workspace's own. */
async function example(): Promise<string> {
  const readme = await readFile(join(root, 'packages/core/README.md'), 'utf8');
  const section = readme.slice(readme.indexOf('## A service of your own'));
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(section) ?? [];
  const cache = join(root, 'node_modules', '.cache', 'keyturn');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'readme-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'handler.ts'), code);
  return folder;
}

async function typeErrors(folder: string): Promise<string> {
  const config = { extends: join(root, 'tsconfig.json'), include: [join(folder, '*.ts')], exclude: [] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules/.bin/tsc');
  return (await promisify(execFile)(tsc, ['-p', folder]).catch((error: { stdout: string }) => error)).stdout;
}

test('the example type checks', async () => {
  expect(await typeErrors(await example())).toBe('');
});

test('the control: with a key that the secret does not have, it does not', async () => {
  const folder = await example();
  const code = await readFile(join(folder, 'handler.ts'), 'utf8');
  await writeFile(join(folder, 'handler.ts'), code.replace('pending.password', 'pending.passwort'));
  expect(await typeErrors(folder)).toContain("'passwort' does not exist on type 'Login'");
});

test('the example rotates', async () => {
  let password: string = randomUUID();
  const service = createServer(async (request, response) => {
    const basic = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString();
    const isRight = basic === `app:${password}`;
    if (isRight && request.method === 'PUT') password = ((await json(request)) as { password: string }).password;
    response.writeHead(!isRight ? 401 : request.method === 'PUT' ? 204 : 200).end();
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const manager = new LocalSecretsManager({ rotation: { attempts: 1 } });
  const { url } = await manager.listen({ port: 0 });
  onTestFinished(async () => {
    recordSecret(password);
    vi.unstubAllEnvs();
    service.close();
    await manager.close();
  });
  vi.stubEnv('SECRETS_MANAGER_ENDPOINT', url);
  for (const name of ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'us-east-1');
  const { handler } = await import(pathToFileURL(join(await example(), 'handler.ts')).href);
  const RotationLambdaARN = manager.registerFunction('rotate', handler);
  const person = new SecretsManagerClient(manager.clientOptions({ caller: 'person' }));
  const at = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const before = password;
  recordSecret(before);
  const SecretString = JSON.stringify({ url: at, username: 'app', password });
  const { ARN: SecretId = '' } = await person.send(new CreateSecretCommand({ Name: 'reports', SecretString }));
  await person.send(new RotateSecretCommand({ SecretId, RotationLambdaARN }));
  expect((await manager.rotationSettled(SecretId)).outcome).toBe('succeeded');
  const rotated = JSON.parse((await person.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '{}');
  expect([rotated.password === before, rotated.password === password]).toEqual([false, true]);
});
