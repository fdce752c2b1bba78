import { createHash, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  makeAuthority,
  makeServerFolder,
  type RunningService,
  type ServerFolder,
  type ServerProcess,
  type ServiceOptions,
  startOnFreePort,
  startServerProcess,
  withinReach,
} from '@keyturn/engine-conformance';
import { refusedLogins } from './acl-log.ts';
import { type Binaries, binaries } from './binaries.ts';
import { withClient } from './client.ts';
import { failureCauses } from './failure-causes.ts';
import { Superuser } from './superuser.ts';
import { refusesUsername } from './usernames.ts';

/** What tests of this engine ask for besides. */
export interface RedisServerOptions extends ServiceOptions {
  /** Where the server keeps its users. @default 'acl-file' */
  readonly users?: 'acl-file' | 'configuration-file' | 'memory';
  /** Server settings, such as `maxclients`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running Redis, with what this engine's own tests need besides. */
export interface RunningRedis extends RunningService {
  /** The file that the server keeps its users in, if any. */
  readonly usersFile: string | undefined;
  /** Runs a command with every right and gives its answer as it is. */
  command(...args: readonly string[]): Promise<unknown>;
  /** What ACL LIST says of a user; undefined if there is none. */
  ruleOf(username: string): Promise<string | undefined>;
  /** Kills the server and starts it again at the same port, with what it has kept. */
  restart(): Promise<void>;
}

const administrator = 'keyturn-master';
const superuser = 'keyturn-superuser';

/** What the engine's README asks for, and nothing else. */
const masterRights: readonly string[] = ['+acl|getuser', '+acl|setuser', '+acl|save'];

/** Starts a Redis on a free port of 127.0.0.1, with empty data. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RunningRedis> {
  const files = await reachable(await binaries());
  const folder = makeServerFolder('redis');
  let server: ServerProcess | undefined;
  let watch: Superuser | undefined;
  try {
    const passwords = { administrator: secret(), superuser: secret() };
    const authority = makeAuthority('Keyturn tests');
    const tls = options.tls ?? true;
    const { args, usersFile } = prepare(
      folder,
      options,
      passwords,
      tls ? (options.certificate ?? authority.sign()) : undefined,
    );
    const start = (port: number) =>
      startServerProcess({
        command: files.server,
        args: [...args, ...(tls ? ['--port', '0', '--tls-port', String(port)] : ['--port', String(port)])],
        cwd: folder.path,
        folder: folder.path,
        env: files.libraries === '' ? {} : { LD_LIBRARY_PATH: files.libraries },
        readyWhen: /Ready to accept connections/,
      });
    const started = await startOnFreePort(start);
    server = started.server;
    const { port } = started;
    const login = { username: superuser, password: passwords.superuser };
    watch = await Superuser.open(join(folder.path, 'socket'), login);
    return running({ server, watch, start, folder, port, ca: authority.certificate, tls, usersFile, passwords });
  } catch (error) {
    watch?.close();
    await server?.stop();
    folder.remove();
    throw error;
  }
}

interface Passwords {
  readonly administrator: string;
  readonly superuser: string;
}

function prepare(
  folder: ServerFolder,
  { users = 'acl-file', settings = {} }: RedisServerOptions,
  passwords: Passwords,
  certificate: { readonly certificate: string; readonly key: string } | undefined,
): { readonly args: readonly string[]; readonly usersFile: string | undefined } {
  const accounts = [
    'default off resetchannels -@all',
    `${superuser} on #${hash(passwords.superuser)} ~* &* +@all`,
    `${administrator} on #${hash(passwords.administrator)} resetchannels -@all ${masterRights.join(' ')}`,
  ];
  const lines = accounts.map((account) => `user ${account}\n`).join('');
  const all = {
    bind: '127.0.0.1',
    dir: folder.path,
    unixsocket: join(folder.path, 'socket'),
    unixsocketperm: '700',
    save: '',
    appendonly: 'no',
    loglevel: 'debug',
    'slowlog-log-slower-than': '0',
    ...(certificate === undefined
      ? {}
      : {
          'tls-cert-file': folder.write('server.pem', certificate.certificate),
          'tls-key-file': folder.write('server.key', certificate.key),
          'tls-auth-clients': 'no',
        }),
    ...settings,
  };
  const options = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  if (users === 'memory') {
    return {
      args: [...accounts.flatMap((account) => ['--user', ...account.split(' ')]), ...options],
      usersFile: undefined,
    };
  }
  if (users === 'configuration-file') {
    const usersFile = folder.write('redis.conf', lines);
    return { args: [usersFile, ...options], usersFile };
  }
  const usersFile = folder.write('users.acl', lines);
  return { args: [...options, '--aclfile', usersFile], usersFile };
}

async function reachable(installed: Binaries): Promise<Binaries> {
  const { root } = installed;
  if (root === undefined) return installed;
  const copy = await withinReach(root, `redis-${Math.trunc(statSync(root).mtimeMs)}`);
  const moved = (path: string) => join(copy, relative(root, path));
  return { root: copy, server: moved(installed.server), libraries: installed.libraries.replaceAll(root, copy) };
}

interface Parts {
  server: ServerProcess;
  watch: Superuser;
  readonly start: (port: number) => Promise<ServerProcess>;
  readonly folder: ServerFolder;
  readonly port: number;
  readonly ca: string;
  readonly tls: boolean;
  readonly usersFile: string | undefined;
  readonly passwords: Passwords;
}

function running(parts: Parts): RunningRedis {
  const { folder, port, ca, tls, usersFile, passwords } = parts;
  const past: string[] = [];
  const command = (...args: readonly string[]) => parts.watch.command(args);
  const ruleOf = async (username: string) =>
    ((await command('ACL', 'LIST')) as string[]).find((line) => line.startsWith(`user ${username} `));

  return {
    host: 'localhost',
    port,
    ca,
    usersFile,
    // Users are the server's, not a database's.
    database: '0',
    engineName: 'redis',
    administrator: { username: administrator, password: passwords.administrator },
    command,
    ruleOf,
    async createUser(username, password) {
      const rights = ['~app:*', '&app:*', '+@read', '+@write', '+@connection', ...masterRights];
      await command('ACL', 'SETUSER', username, 'on', `#${hash(password)}`, ...rights);
      if (usersFile !== undefined) await command('ACL', 'SAVE').catch(() => command('CONFIG', 'REWRITE'));
    },
    refusesUsername,
    refusedLogins: async (username) => refusedLogins(await command('ACL', 'LOG', '128'), username),
    causes: failureCauses(administrator, command),
    async execute(statement) {
      const reply = await command(...statement.split(' '));
      return (Array.isArray(reply) ? reply : [reply]).map((one: unknown) => ({ reply: one }));
    },
    async logsIn(username, password) {
      const socket = { host: 'localhost', port, ...(tls ? { tls: true as const, ca, servername: 'localhost' } : {}) };
      try {
        return await withClient(socket, { username, password }, async () => true);
      } catch (error) {
        if (String(error).includes('WRONGPASS')) return false;
        throw error;
      }
    },
    async hasPassword(username, password) {
      return (await ruleOf(username))?.split(' ').includes(`#${hash(password)}`) ?? false;
    },
    log: () => [...past, parts.server.log(), parts.watch.seen()].join('\n'),
    async restart() {
      past.push(parts.server.log(), parts.watch.seen());
      parts.watch.close();
      process.kill(parts.server.pid, 'SIGKILL');
      await parts.server.ended;
      parts.server = await parts.start(port);
      parts.watch = await Superuser.open(join(folder.path, 'socket'), {
        username: superuser,
        password: passwords.superuser,
      });
    },
    async stop() {
      parts.watch.close();
      await parts.server.stop();
      folder.remove();
    },
  };
}

/** Written again here, so that a fault in the engine's own does not go unseen. */
function hash(password: string): string {
  return createHash('sha256').update(password).digest('hex');
}

function secret(): string {
  return randomBytes(18).toString('base64url');
}
