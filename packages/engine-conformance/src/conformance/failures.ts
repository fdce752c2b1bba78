import { createServer, type Server, type Socket } from 'node:net';
import { type ErrorCode, type Login, Password } from '@keyturn/core';
import { freePort } from '../server-process.ts';
import { type RelayAction, startTcpRelay } from '../tcp-relay.ts';
import type { ConformanceWorld } from './conformance-world.ts';
import { attempt, faultsOf, secretsIn } from './failure.ts';
import { AbsentPart, type Scenario, type ScenarioGroup } from './scenario.ts';

/** What a connection may take in these scenarios, in milliseconds, and how much longer its error may. */
const limitMs = 700;
const graceMs = 1_000;

/** How long it is waited for at all. */
const patienceMs = limitMs + 5 * graceMs;

/** A login that must fail, with a user who is really there. */
function refused(
  name: string,
  codes: readonly ErrorCode[],
  login: (world: ConformanceWorld) => Promise<Partial<Login>>,
): Scenario {
  return {
    name: `${name}: ${codes.join(' or ')}`,
    async run(world) {
      const user = await world.newUser();
      const more = await login(world);
      const outcome = await attempt(() => world.as(user, async () => {}, more));
      const full = world.login(user, more);
      return faultsOf(name, outcome, { codes, login: full, secrets: [user.password] });
    },
  };
}

/** Servers that are something else, and what they say to whoever connects, or to the first bytes of a client. */
const strangers: readonly (readonly [name: string, talk: (socket: Socket) => void])[] = [
  ['a mail server', (socket) => void socket.write('220 mail.example.com ESMTP ready\r\n')],
  [
    'a web server',
    (socket) =>
      void socket.once('data', () =>
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'),
      ),
  ],
  [
    'a server that sends noise',
    (socket) => void socket.write(Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 167 + 13) % 256))),
  ],
  ['a server that sends zeros', (socket) => void socket.write(Buffer.alloc(65_536))],
  ['a server that repeats what it hears', (socket) => void socket.on('data', (bytes) => socket.write(bytes))],
  ['a server that hangs up at once', (socket) => void socket.end()],
  ['a server that ends the connection hard', (socket) => void socket.resetAndDestroy()],
];

async function withListener<T>(
  talk: (socket: Socket) => void,
  use: (port: number, heard: () => Buffer) => Promise<T>,
): Promise<T> {
  const open = new Set<Socket>();
  const heard: Buffer[] = [];
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
    socket.on('data', (bytes: Buffer) => heard.push(bytes));
    talk(socket);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  try {
    return await use(port, () => Buffer.concat(heard));
  } finally {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

function stranger(name: string, talk: (socket: Socket) => void): Scenario {
  return {
    name: `${name} gets no password, and is no refused login`,
    async run(world) {
      const user = { username: world.newName(), password: world.newPassword() };
      return withListener(talk, async (port, heard) => {
        const at = world.at(port);
        const outcome = await attempt(
          () => world.engine.connect(world.login(user, at), world.limits({ connectTimeoutMs: limitMs })),
          patienceMs,
        );
        const faults = faultsOf(name, outcome, { login: { ...at, username: user.username }, secrets: [user.password] });
        // A refused login would make a rotation look for the password elsewhere.
        if (codeOf(outcome.error) === 'login-failed') faults.push(`${name}: it is taken for a refused login`);
        if (outcome.elapsedMs > limitMs + graceMs) faults.push(`it took ${outcome.elapsedMs} ms`);
        if (world.usesTls) {
          const clear = secretsIn(heard().toString('latin1'), [user.password]);
          faults.push(...clear.map((form) => `the password was sent in the clear (${form})`));
        }
        return faults;
      });
    },
  };
}

/** A server that goes silent, or away, after each of the pieces that it sends during a login. */
function endsMidway(action: Exclude<RelayAction, 'pass'>): Scenario {
  return {
    name: `a server that begins to ${action} anywhere in the login`,
    timeoutMs: 120_000,
    async run(world) {
      const user = await world.newUser();
      const { host, port } = world.running;
      const faults: string[] = [];
      let tried = 0;
      for (let last = 1; last <= 60; last += 1) {
        let reached = false;
        const relay = await startTcpRelay({
          upstream: () => ({ host, port }),
          onServerPiece(number) {
            if (number < last) return 'pass';
            reached = true;
            return action;
          },
        });
        const at = world.at(relay.port);
        const connecting = attempt(async () => {
          const limits = world.limits({ connectTimeoutMs: limitMs });
          await world.engine.close(await world.engine.connect(world.login(user, at), limits));
        }, patienceMs);
        const outcome = await connecting;
        await relay.close();
        if (!reached) break;
        // Pieces that come after the login, such as the goodbye, are nothing that anybody waits for.
        if (!outcome.failed) continue;
        tried += 1;
        const codes: readonly ErrorCode[] =
          action === 'fall silent' ? ['connection-timed-out', 'tls-not-offered'] : breaks;
        faults.push(
          ...faultsOf(`after ${last - 1} pieces`, outcome, {
            codes,
            login: { ...at, username: user.username },
            secrets: [user.password],
          }),
        );
        if (outcome.elapsedMs > limitMs + graceMs) faults.push(`after ${last - 1} pieces: ${outcome.elapsedMs} ms`);
      }
      return tried === 0 ? ['no login was interrupted: nothing is shown'] : faults;
    },
  };
}

/** What a connection that breaks may be taken for, where the server has not said why. */
const breaks: readonly ErrorCode[] = ['connection-lost', 'connection-refused', 'tls-failed', 'tls-not-offered'];

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown } | undefined)?.code;

/** Every cause of failure that each server can show. */
export const failures: ScenarioGroup = {
  name: 'causes of failure',
  scenarios: [
    refused('a port where nothing listens', ['connection-refused'], async () => ({ port: await freePort() })),
    refused('a host that has no address', ['host-not-found'], async () => ({ host: 'no-such-host.invalid' })),
    {
      name: 'a database that there is not: unknown-database, or a refusal',
      async run(world) {
        const user = await world.newUser();
        const database = 'no_such_database_0';
        const outcome = await attempt(() =>
          world.as(user, (connection) => world.engine.ping(connection), { database }),
        );
        if (!outcome.failed) throw new AbsentPart('logins of this engine name no database');
        return faultsOf('the login', outcome, {
          // A server may tell nobody which databases there are.
          codes: ['unknown-database', 'login-not-allowed', 'missing-privilege', 'login-failed'],
          login: world.login(user),
          secrets: [user.password],
        });
      },
    },
    {
      name: 'a server that accepts and says nothing: connection-timed-out, in time',
      async run(world) {
        const user = { username: world.newName(), password: world.newPassword() };
        return withListener(
          () => {},
          async (port) => {
            const at = world.at(port);
            const limits = world.limits({ connectTimeoutMs: limitMs });
            const outcome = await attempt(() => world.engine.connect(world.login(user, at), limits), patienceMs);
            const faults = faultsOf('connect', outcome, {
              codes: ['connection-timed-out'],
              login: { ...at, username: user.username },
              secrets: [user.password],
            });
            return outcome.elapsedMs > limitMs + graceMs ? [...faults, `it took ${outcome.elapsedMs} ms`] : faults;
          },
        );
      },
    },
    ...strangers.map(([name, talk]) => stranger(name, talk)),
    endsMidway('fall silent'),
    endsMidway('hang up'),
    {
      name: 'every cause that this server alone can bring about has its code',
      timeoutMs: 120_000,
      async run(world) {
        const { causes = [] } = world.running;
        if (causes.length === 0) throw new AbsentPart('the service names no causes of its own');
        const faults: string[] = [];
        for (const cause of causes) faults.push(...(await ownCause(world, cause)));
        return faults;
      },
    },
  ],
};

type Cause = NonNullable<ConformanceWorld['running']['causes']>[number];

async function ownCause(world: ConformanceWorld, cause: Cause): Promise<string[]> {
  const user = await world.newUser();
  const next = world.newPassword();
  const different = await cause.arrange(user.username, user.password);
  try {
    const byMaster = cause.at === 'resetPassword' || cause.at === 'cloneUser';
    const actor = byMaster ? world.administrator : user;
    const { engine } = world;
    const outcome = await attempt(() =>
      world.as(
        actor,
        async (connection) => {
          if (cause.at === 'changeOwnPassword') {
            await engine.changeOwnPassword(connection, new Password(next), new Password(user.password));
          }
          if (cause.at === 'resetPassword') {
            await engine.admin?.resetPassword(connection, user.username, new Password(next));
          }
          if (cause.at === 'cloneUser') {
            const twin = `${user.username}_clone`;
            const pair = { base: user.username, twin, current: user.username, next: twin };
            await engine.admin?.twins?.cloneUser(connection, {
              ...pair,
              password: new Password(next),
              isKnown: async () => true,
            });
          }
        },
        different,
      ),
    );
    const secrets = [user.password, next, world.administrator.password];
    const login = world.login(actor, different);
    return faultsOf(cause.name, outcome, {
      codes: [cause.code],
      secrets,
      ...(cause.at === 'connect' ? { login } : {}),
    });
  } finally {
    await cause.undo?.(user.username);
  }
}
