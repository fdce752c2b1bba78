import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Rotation, RotationError, RotationFunction, type RotationFunctionOptions } from '@keyturn/core';
import { recordSecret, TaintSearch } from '@keyturn/engine-conformance';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { CustomWorld } from './custom-rotation-world.ts';

interface Login {
  readonly username: string;
  readonly password: string;
  readonly apiKey: string;
}

/** Where a class lets the credentials out. */
type Leak = (secret: Login, rotation: Rotation) => unknown;

const basic = ({ username, password }: Login): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

/** Ways in which somebody's code can put a credential into what it throws. */
const leaks: readonly [name: string, leak: Leak][] = [
  ['its message', ({ password }) => new Error(`cannot log in with ${password}`)],
  ['an Authorization header', (login) => new Error(`request failed: {"authorization":"${basic(login)}"}`)],
  ['another secret key', ({ apiKey }) => new TypeError(`x-api-key ${apiKey} is refused`)],
  ['a URL', ({ password }) => new Error(`GET https://app:${encodeURIComponent(password)}@host/ failed`)],
  ['its name', ({ password }) => Object.assign(new Error('no'), { name: password })],
  ['its code', ({ password }) => Object.assign(new Error('no'), { code: password })],
  ['its cause', ({ password }) => new Error('outer', { cause: new Error(password) })],
  [
    'its stack',
    ({ password }) => Object.assign(new Error('no'), { stack: `Error: no\n    at ${password} (x.ts:1:1)` }),
  ],
  ['a property', (login) => Object.assign(new Error('no'), { config: login })],
  ['a RotationError', ({ password }) => new RotationError('service-failed', { message: password, remedy: password })],
  ['what is no error', ({ password }) => ({ password })],
];

class Leaking extends RotationFunction<Login> {
  readonly leak: Leak;
  readonly where: 'nextSecret' | 'changeCredential' | 'proveCredential' | 'setSecret';
  constructor(leak: Leak, where: Leaking['where'], options: RotationFunctionOptions) {
    super(options);
    this.leak = leak;
    this.where = where;
  }
  protected override async nextSecret(current: Login, rotation: Rotation): Promise<Partial<Login>> {
    if (this.where === 'nextSecret') throw this.leak(current, rotation);
    return { password: randomUUID() };
  }
  protected override async changeCredential(_: Login, pending: Login, rotation: Rotation): Promise<void> {
    if (this.where === 'changeCredential') throw this.leak(pending, rotation);
  }
  protected override async proveCredential(secret: Login, rotation: Rotation): Promise<boolean> {
    if (this.where === 'proveCredential') throw this.leak(secret, rotation);
    return true;
  }
  protected override async setSecret(rotation: Rotation): Promise<void> {
    if (this.where !== 'setSecret') return super.setSecret(rotation);
    const { text = '{}' } = await rotation.versions.pendingWithValue();
    throw this.leak(JSON.parse(text), rotation);
  }
}

/** Everything that the process has printed since. */
function printed(): () => string {
  const lines: string[] = [];
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) =>
    vi
      .spyOn(console, level)
      .mockImplementation((...args) => void lines.push(args.map((arg) => inspect(arg)).join(' '))),
  );
  const writes = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0),
  );
  onTestFinished(() => {
    for (const spy of [...spies, ...writes]) spy.mockRestore();
  });
  return () => lines.join('\n');
}

async function run(
  leak: Leak,
  where: Leaking['where'],
): Promise<{ error: RotationError; told: string; search: TaintSearch }> {
  const value = { username: 'app', password: randomUUID(), apiKey: randomUUID() };
  const make = (client: SecretsManagerClient) => new Leaking(leak, where, { client, consistencyWaitMs: 200, env: {} });
  const world = await CustomWorld.make(make, value);
  await world.begin();
  const output = printed();
  const failing = where === 'nextSecret' ? 'createSecret' : 'setSecret';
  if (failing === 'setSecret') await world.step('createSecret');
  const error: RotationError = await world.step(failing).then(
    () => Promise.reject(new Error('the step succeeded')),
    (thrown) => thrown,
  );
  const search = new TaintSearch();
  for (const { password } of await world.secret.retrievable()) {
    recordSecret(password);
    search.add(password);
  }
  recordSecret(value.apiKey);
  search.add(value.apiKey);
  await world.close();
  const shown = inspect(error, { depth: null, showHidden: true, getters: true });
  return { error, told: `${output()}\n${shown}\n${JSON.stringify(error)}\n${error.stack}`, search };
}

describe.each(['nextSecret', 'changeCredential', 'proveCredential', 'setSecret'] as const)(
  '%s that throws',
  (where) => {
    test.each(leaks)('a credential in %s tells it in no log line and no error', async (_, leak) => {
      const { error, told, search } = await run(leak, where);
      expect(error).toBeInstanceOf(RotationError);
      expect(error.step).toBe(where === 'nextSecret' ? 'createSecret' : 'setSecret');
      expect(told).toContain('step-failed');
      expect(search.find(told)).toBe(undefined);
    });
  },
);

test.each(leaks)('the control: what is thrown holds the credential in %s', async (_, leak) => {
  const login = { username: 'app', password: randomUUID(), apiKey: randomUUID() };
  const search = new TaintSearch();
  search.add(login.password);
  search.add(login.apiKey);
  const thrown = leak(login, undefined as never);
  expect(search.find(inspect(thrown, { depth: null, showHidden: true }) + JSON.stringify(thrown))).toBeDefined();
});

test('a hook’s own log line is masked too', async () => {
  const { told, search } = await run((login, { log }) => {
    log.info('asked', { with: `${login.password} ${login.apiKey}` });
    return new Error('no');
  }, 'proveCredential');
  expect(told).toContain('"asked"');
  expect(search.find(told)).toBe(undefined);
});

test('what is wrong with the service is told: the hook, the name of the error, its message, where', async () => {
  const { error } = await run(() => new TypeError('the answer has no field status'), 'proveCredential');
  expect(error).toMatchObject({
    code: 'service-failed',
    stage: 'AWSCURRENT',
    message: expect.stringContaining('proveCredential failed: TypeError: the answer has no field status'),
  });
  expect(error.stack).toContain('custom-rotation-secrets.test.ts');
});

describe('a connection that fails has the code of an engine’s', () => {
  async function closedPort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  /** A server that does this with every connection. */
  async function server(treat: (socket: Socket) => void): Promise<number> {
    const server = createServer(treat);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close().unref());
    return (server.address() as { port: number }).port;
  }
  const thrownBy = (url: string, signal?: AbortSignal): Promise<unknown> =>
    fetch(url, { signal: signal ?? null }).then(
      () => undefined,
      (error) => error,
    );

  test.each([
    ['connection-refused', async () => thrownBy(`http://127.0.0.1:${await closedPort()}`)],
    ['connection-lost', async () => thrownBy(`http://127.0.0.1:${await server((socket) => socket.destroy())}`)],
    ['host-not-found', () => thrownBy('http://no-such-host.invalid')],
    [
      'connection-timed-out',
      async () => thrownBy(`http://127.0.0.1:${await server(() => {})}`, AbortSignal.timeout(10)),
    ],
  ])('%s', async (code, arrange) => {
    const thrown = await arrange();
    const { error } = await run(() => thrown, 'proveCredential');
    expect(error).toMatchObject({ code, step: 'setSecret' });
  });
});

describe('a secret that is wrong is one clear error', () => {
  /** A class whose parseSecret throws this. */
  async function parsing(throws: (value: Login) => unknown, secret: object): Promise<RotationError> {
    class Strict extends RotationFunction<Login> {
      protected override parseSecret(value: unknown): Login {
        throw throws(value as Login);
      }
      protected override async changeCredential(): Promise<void> {}
      protected override async proveCredential(): Promise<boolean> {
        return true;
      }
    }
    const world = await CustomWorld.make((client) => new Strict({ client, consistencyWaitMs: 200, env: {} }), secret);
    await world.begin();
    const error = await world.step('createSecret').catch((thrown) => thrown);
    expect(await world.secret.labels()).toMatchObject({ [world.token]: ['AWSPENDING'] });
    expect(await world.secret.retrievable()).toHaveLength(1);
    await world.close();
    return error;
  }

  test('every key that the issues of a schema name is told, and no value', async () => {
    const password = randomUUID();
    const issues = [{ path: ['apiKey'], message: `received ${password}` }, { path: [{ key: 'username' }] }];
    const error = await parsing(() => Object.assign(new Error('invalid'), { issues }), { username: 5, password });
    recordSecret(password);
    expect(error.code).toBe('invalid-secret');
    expect(error.details.message).toBe('the secret has missing or wrong keys: apiKey is missing; username is wrong');
    expect(error.message).not.toContain(password);
  });

  test('a message of its own is told without the values', async () => {
    const password = randomUUID();
    const error = await parsing((login) => new Error(`username is no address: ${login.username}`), {
      username: 'somebody-else',
      password,
    });
    recordSecret(password);
    expect(error.details.message).toBe('the secret has missing or wrong keys: username is no address: [redacted]');
  });

  test('a secret without the rotated key says how to name another', async () => {
    const error = await parsing(() => new Error('apiKey is missing'), { token: randomUUID() });
    expect(error.message).toContain('password is missing; apiKey is missing');
    expect(error.remedy).toContain('rotatedKeys');
  });
});

test('a step of one’s own tells no rotated key, whatever it is called', async () => {
  class Pin extends RotationFunction<{ readonly pin: string }> {
    protected override readonly rotatedKeys = ['pin'] as const;
    protected override async setSecret({ versions }: Rotation): Promise<void> {
      const { text } = await versions.pendingWithValue();
      throw new Error(`refused: ${text}`);
    }
    protected override async testSecret(): Promise<void> {}
  }
  const make = (client: SecretsManagerClient) => new Pin({ client, consistencyWaitMs: 200, env: {} });
  const world = await CustomWorld.make(make, { pin: randomUUID() });
  await world.begin();
  await world.step('createSecret');
  const error: RotationError = await world.step('setSecret').then(
    () => Promise.reject(new Error('the step succeeded')),
    (thrown) => thrown,
  );
  for (const version of await world.secret.retrievable()) recordSecret(String(Reflect.get(version, 'pin')));
  await world.close();
  expect(error.details.message).toBe('Error: refused: {"pin":"[redacted]"}');
});
