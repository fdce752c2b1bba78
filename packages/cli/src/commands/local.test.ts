import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundleFile, folder, Keyturn, keyturn, rotatingBundle } from '../../testing/keyturn.ts';

const first = JSON.stringify({ username: 'app', password: 'first-password' });

/** The command with a free port, up and running. */
async function started(...args: readonly string[]): Promise<Keyturn> {
  const run = new Keyturn(['local', ...(args.includes('--port') ? [] : ['--port', '0']), ...args]);
  await run.url();
  return run;
}

/** How the page is answered to somebody who calls the service by this host name. */
function statusUnder(host: string, url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { headers: { host }, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
  });
}

/** A call of the API without input. */
function request(operation: string): RequestInit {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `secretsmanager.${operation}` };
  return { method: 'POST', headers, body: '{}' };
}

/** Makes calls, each of which is a line of log, until nobody answers. */
async function callsUntilGone(url: string): Promise<boolean> {
  for (;;) {
    const isThere = await fetch(url, request('ListSecrets')).then(
      (response) => response.text().then(() => true),
      () => false,
    );
    if (!isThere) return true;
  }
}

describe('keyturn local', () => {
  it('says where it is, what runs there, and what to paste', async () => {
    const run = await started('--function', `rotate-db=${bundleFile(rotatingBundle)}`);
    await run.said(/Ctrl-C ends it/);
    const url = await run.url();
    for (const told of [
      `Address    ${url}`,
      `Page       ${url}/`,
      'arn:aws:lambda:us-east-1:123456789012:function:rotate-db',
      'export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local',
      `aws --endpoint-url ${url} --region us-east-1 secretsmanager create-secret`,
      '--rotation-lambda-arn arn:aws:lambda:us-east-1:123456789012:function:rotate-db',
    ]) {
      expect(run.stdout).toContain(told);
    }
    expect(run.stdout).not.toContain('WARNING');
  });

  it('rotates a secret with a bundle, and tells each call, label, step, login and event in a line', async () => {
    const run = await started(
      ...['--function', `rotate-db=${bundleFile(rotatingBundle)}:otherName`],
      ...['--env', 'rotate-db.GREETING=hello from the function'],
    );
    const client = await run.client();
    await client.send(new CreateSecretCommand({ Name: 'shop/db', SecretString: first }));
    await client.send(new RotateSecretCommand({ SecretId: 'shop/db', RotationLambdaARN: 'rotate-db' }));
    await run.said(/RotationSucceeded/);
    for (const line of [
      /call {3} {2}CreateSecret +shop\/db {2}by TESTER {2}[\d.]+ ms/,
      /labels {3}AWSCURRENT → [0-9a-f]{8} {2}shop\/db/,
      /event {4}RotationStarted +shop\/db/,
      /log {6}rotate-db \| {2}greeting: hello from the function/,
      /call {5}PutSecretValue +shop\/db {2}by rotate-db/,
      /step {5}✔ createSecret +shop\/db {2}[\d.]+ m?s/,
      /login {4}app +shop\/db {2}with AWSPENDING {2}at db:5432/,
      /step {5}✔ finishSecret/,
    ]) {
      expect(run.stdout).toMatch(line);
    }
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: 'shop/db' }));
    expect(SecretString).toBe('{"password":"second-password"}');
    expect(run.stdout + run.stderr).not.toMatch(/first-password|second-password/);
  });

  it('a rotation that fails is told with its code and remedy', async () => {
    const run = await started('--function', `rotate-db=${bundleFile(rotatingBundle)}`, '--env', 'FAILS=setSecret');
    const client = await run.client();
    await client.send(new CreateSecretCommand({ Name: 'shop/db', SecretString: first }));
    await client.send(new RotateSecretCommand({ SecretId: 'shop/db', RotationLambdaARN: 'rotate-db' }));
    await run.said(/error {4}login-failed +shop\/db {2}it was refused {2}Look at it\./);
    await run.said(/step {5}✘ setSecret +shop\/db {2}\[login-failed\] setSecret: it was refused\. Look at it\./);
    await run.said(/event {4}RotationFailed/);
  });

  it('with --json every line is an object, the start-up too', async () => {
    const run = await started('--json', '--function', `rotate-db=${bundleFile(rotatingBundle)}`);
    const client = await run.client();
    await client.send(new CreateSecretCommand({ Name: 'shop/db', SecretString: first }));
    await client.send(new RotateSecretCommand({ SecretId: 'shop/db', RotationLambdaARN: 'rotate-db' }));
    await run.said(/RotationSucceeded.*\n/);
    const url = await run.url();
    expect(run.lines('started')).toMatchObject([{ url, page: `${url}/`, functions: [{ name: 'rotate-db' }] }]);
    expect(run.lines('step').map(({ step, outcome }) => [step, outcome])).toEqual([
      ['createSecret', 'ok'],
      ['setSecret', 'ok'],
      ['testSecret', 'ok'],
      ['finishSecret', 'ok'],
    ]);
    expect(run.lines('login')).toMatchObject([{ user: 'app', ok: true }]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends it and its functions, and the port is free again',
    async (signal) => {
      const run = await started(
        '--function',
        `rotate-db=${bundleFile(`console.log('pid=' + process.pid + ';');${rotatingBundle}`)}`,
      );
      const client = await run.client();
      await client.send(new CreateSecretCommand({ Name: 'shop/db', SecretString: first }));
      await client.send(new RotateSecretCommand({ SecretId: 'shop/db', RotationLambdaARN: 'rotate-db' }));
      const [, pid] = await run.said(/pid=(\d+);/);
      await run.said(/RotationSucceeded/);
      const { port } = new URL(await run.url());
      run.child.kill(signal);
      expect((await run.ended).code).toBe(0);
      expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
      await (await started('--port', port)).url();
    },
  );

  it('it ends when nobody reads what it writes any more', async () => {
    const run = await started();
    const url = await run.url();
    const exited = new Promise((resolve) => run.child.once('exit', resolve));
    run.child.stdout?.destroy();
    const isOver = await Promise.race([exited.then(() => true), callsUntilGone(url)]);
    expect([isOver, await exited]).toEqual([true, 0]);
  });

  it('a port in use is told, with what to do', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const { code, stderr } = await keyturn('local', '--port', String(port));
    expect(code).toBe(1);
    expect(stderr).toBe(
      `keyturn: Port ${port} is in use. End the program that listens there, or take another port: --port ${port + 1}, or --port 0 for a free one.\n`,
    );
  });

  it('faults strike as the command line says, and are told', async () => {
    const run = await started('--fault', 'ListSecrets:before:error=AccessDeniedException:2', '--latency', '30');
    const client = await run.client();
    const start = performance.now();
    await client.send(new ListSecretsCommand({}));
    expect(performance.now() - start).toBeGreaterThanOrEqual(30);
    await expect(client.send(new ListSecretsCommand({}))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await client.send(new ListSecretsCommand({}));
    await run.said(/ListSecrets +by TESTER {2}AccessDeniedException {2}fault: error before/);
  });

  it('with --data everything is there after a kill', async () => {
    const data = join(folder(), 'data');
    const before = await started('--data', data);
    await (await before.client()).send(new CreateSecretCommand({ Name: 'shop/db', SecretString: first }));
    before.child.kill('SIGKILL');
    await before.ended;
    const after = await started('--data', data);
    const { SecretString } = await (await after.client()).send(new GetSecretValueCommand({ SecretId: 'shop/db' }));
    expect(SecretString).toBe(first);
  });

  it('a data folder that is in use is told', async () => {
    const data = join(folder(), 'data');
    await started('--data', data);
    const { code, stderr } = await keyturn('local', '--port', '0', '--data', data);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`--data ${data}: `)]);
  });

  it('with --quotas too many calls are throttled', async () => {
    const run = await started('--quotas');
    const url = await run.url();
    const ask = async (): Promise<number> => (await fetch(url, request('GetRandomPassword'))).status;
    const answers = await Promise.all(Array.from({ length: 300 }, ask));
    expect(new Set(answers)).toEqual(new Set([200, 400]));
    await run.said(/GetRandomPassword +by anonymous {2}ThrottlingException/);
  });

  it('--clock sets the time and its speed', async () => {
    const run = await started('--clock', '2030-05-01T12:00:00Z,x3600');
    const client = await run.client();
    await client.send(new CreateSecretCommand({ Name: 'shop/db', SecretString: first }));
    const { CreatedDate } = await client.send(new GetSecretValueCommand({ SecretId: 'shop/db' }));
    expect(CreatedDate?.toISOString()).toMatch(/^2030-05-0[1-3]T/);
  });

  it('--host opens it to a network only together with the flag that says so', async () => {
    const refused = await keyturn('local', '--port', '0', '--host', '0.0.0.0');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('without a password')]);
    const run = await started('--host', '0.0.0.0', '--expose-to-network', '--allow-host', 'secrets.test');
    await run.said(/WARNING {4}Everyone who reaches 0\.0\.0\.0 can read and change every secret here/);
    const url = await run.url();
    expect(await statusUnder('192.0.2.7:4580', url)).toBe(200);
    expect(await statusUnder('secrets.test', url)).toBe(200);
    expect(await statusUnder('rebound.example', url)).toBe(403);
  });
});

function aws(): string | undefined {
  const files = (process.env.PATH ?? '').split(delimiter).map((each) => join(each, 'aws'));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

// The AWS CLI is no part of the workspace: where a machine has none, there is nothing to test it with.
describe.skipIf(aws() === undefined)('the AWS CLI, unchanged', () => {
  it('runs the lines that the start-up shows', { timeout: 60_000 }, async () => {
    const run = await started('--function', `rotate-db=${bundleFile(rotatingBundle)}`);
    await run.said(/Ctrl-C ends it/);
    const [shown = ''] = /^ {2}export AWS_(?:.|\n)*?(?=\n\n)/m.exec(run.stdout) ?? [];
    const { stdout } = await promisify(execFile)('sh', ['-euc', shown], {
      env: { ...process.env, AWS_PAGER: '', AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
    });
    expect(stdout).toContain('"Name": "demo/app"');
    expect(stdout).toContain('"AWSCURRENT"');
    await run.said(/RotationSucceeded +demo\/app/);
  });
});
